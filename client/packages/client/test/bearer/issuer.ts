/** A server that hands out tokens by the rules of the protocol, and a network that spoils things. */
import { json, problem, Server } from "../server.js";
import type { Browser, Time } from "../world.js";

const OVERLAP = 15; // seconds, the tolerance included

interface Chain {
  readonly session: string;
  current: number;
  committedAt: number;
  gone: boolean;
}

/** What becomes of a request: its answer is lost, it never arrives, or something in between answers it. */
type Weather = "lost" | "down" | Response | undefined;

export class Issuer {
  /** The sessions behind it. */
  readonly server: Server;
  readonly chains: Chain[] = [];
  readonly requests: { method: string; path: string; headers: Headers; body: unknown }[] = [];
  /** Seconds that an access token lives. */
  lifetime = 300;
  weather: ((path: string) => Weather | Promise<Weather>) | undefined;
  #issued = 0;
  #retired = 0;

  constructor(time: Time) {
    this.server = new Server(time);
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  /** Lets no access token count that was issued so far, as when a key is retired. */
  retire(): void {
    this.#retired = this.#issued;
  }

  async handle(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(/^\/auth/, "");
    const body = await request
      .clone()
      .json()
      .catch(() => null);
    this.requests.push({ method: request.method, path, headers: request.headers, body });
    const weather = await this.weather?.(path);
    if (weather === "down") throw new TypeError("Failed to fetch");
    if (weather instanceof Response) return weather.clone();
    const answer = await this.#answer(path, request, body ?? {});
    if (weather === "lost") throw new TypeError("Failed to fetch");
    return answer;
  }

  /** Anybody presents a refresh token. */
  refresh(token: string): Response {
    const [, id, step] = token.split("-").map(Number) as [number, number, number];
    const chain = this.chains[id];
    const ended = chain && this.server.get(chain.session).ended;
    if (!chain || chain.gone || ended)
      return problem(401, "invalid_grant", { reason: ended ?? "unknown_token" });
    if (step === chain.current + 1) this.#commit(chain, step);
    const young = this.server.now - chain.committedAt <= OVERLAP;
    if (step === chain.current && !young)
      return json(200, { ...this.#access(id, step + 1), refresh_token: `r-${id}-${step + 1}` });
    if (young && step >= chain.current - 1) return json(200, this.#access(id, chain.current));
    this.server.change(chain.session, { ended: "token_reused" });
    return problem(401, "token_reused", { reason: "token_reused" });
  }

  async #answer(
    path: string,
    request: Request,
    body: { refresh_token?: string; token?: string },
  ): Promise<Response> {
    if (path === "/token/refresh") return this.refresh(`${body.refresh_token}`);
    if (path === "/revoke") {
      Object.assign(this.chains[Number(body.token?.split("-")[1])] ?? {}, { gone: true });
      return new Response(null, { status: 200 });
    }
    const bearer = request.headers.get("authorization")?.replace("Bearer ", "");
    const found = this.#find(bearer);
    if (found?.gone) return problem(401, "revoked", { reason: "revoked" });
    const caller = { cookie: found?.session ?? bearer ?? null } as Browser;
    const answer = await this.server.handle(caller, request);
    if (!answer.ok || !caller.cookie || !["/login", "/reauthenticate"].includes(path)) return answer;
    for (const chain of this.chains) if (chain.session === caller.cookie) chain.gone = true;
    const id =
      this.chains.push({ session: caller.cookie, current: 0, committedAt: this.server.now, gone: false }) - 1;
    return json(200, { ...(await answer.json()), ...this.#access(id, 0), refresh_token: `r-${id}-0` });
  }

  #access(id: number, step: number) {
    const access_token = `a-${id}-${step}-${this.server.now + this.lifetime}-${++this.#issued}`;
    return { access_token, token_type: "Bearer", expires_in: this.lifetime };
  }

  /** The chain of an access token that counts; its first use commits the step that it went out with. */
  #find(token = ""): Chain | undefined {
    const [, id, step, until, number] = token.split("-").map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const chain = this.chains[id];
    if (!chain || until < this.server.now || number <= this.#retired) return undefined;
    if (step > chain.current) this.#commit(chain, step);
    return chain;
  }

  #commit(chain: Chain, step: number): void {
    Object.assign(chain, { current: step, committedAt: this.server.now });
  }
}
