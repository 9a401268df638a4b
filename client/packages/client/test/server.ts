/** The HTTP API as far as a client can tell: deadlines, revisions, reasons, streams. No cookie is ever read by JavaScript. */
import type { Reason, SessionItem, SessionView } from "../src/wire.js";
import type { Browser, Time } from "./world.js";

export const IDLE = 1800; // seconds, as all of these
export const WARNING = 120;
const TOLERANCE = 5;

interface Session {
  readonly id: string;
  rev: number;
  seen: number;
  readonly began: number;
  ended: Reason | null;
  roles: string[];
}

/** As `EventSource`. */
export class Source extends EventTarget {
  readyState = 0;
  onerror: (() => void) | null = null;
  /** Whose stream it is. */
  id: string | undefined;

  emit(kind: string, content: object): void {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(content) }));
  }

  close(): void {
    this.readyState = 2;
  }

  /** The server refuses: a browser never tries again. */
  die(): void {
    this.readyState = 2;
    this.onerror?.();
  }
}

export class Server {
  readonly sessions = new Map<string, Session>();
  readonly requests: { method: string; path: string; headers: Headers; body: unknown }[] = [];
  readonly sources: Source[] = [];
  /** Answers in the API's place; null: the network is down. */
  instead: ((path: string, request: Request) => Response | null | undefined | Promise<Response>) | undefined;
  /** Lets an answer wait. */
  delay: ((path: string) => Promise<void> | undefined) | undefined;
  readonly time: Time;
  /** Seconds from sign-in to the end, whatever happens. */
  absolute = 43_200;
  #ids = 0;

  constructor(time: Time) {
    this.time = time;
  }

  get now(): number {
    return this.time.now / 1000;
  }

  get server_now(): string {
    return new Date(this.time.now).toISOString();
  }

  /** Streams that are open. */
  get streams(): Source[] {
    return this.sources.filter(({ readyState }) => readyState === 1);
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  signIn(): string {
    const id = `s${++this.#ids}`;
    this.sessions.set(id, { id, rev: 1, seen: this.now, began: this.now, ended: null, roles: ["user"] });
    return id;
  }

  change(id: string, change: Partial<Session>): void {
    const session = this.get(id);
    Object.assign(session, change);
    session.rev += 1;
    for (const source of this.streams.filter((source) => source.id === id)) {
      if (session.ended) source.emit("ended", { id, reason: session.ended, server_now: this.server_now });
      else source.emit("session", { session: this.view(session), server_now: this.server_now });
    }
  }

  get(id: string): Session {
    const session = this.sessions.get(id);
    if (!session) throw new Error(`no session ${id}`);
    return session;
  }

  view(session: Session): SessionView {
    const absolute = session.began + this.absolute;
    const idle = Math.min(session.seen + IDLE, absolute) - this.now;
    return {
      id: session.id,
      rev: session.rev,
      user: { id: "u1", email: "ada@example.test", name: "Ada", roles: session.roles },
      created_at: iso(session.began),
      authenticated_at: iso(session.began),
      last_seen_at: iso(session.seen),
      idle_expires_in: Math.max(0, idle),
      expires_in: Math.max(0, absolute - this.now),
      warn_in: Math.max(0, idle - WARNING),
      remember: false,
      amr: ["pwd"],
      data: {},
    };
  }

  connect(source: Source, browser: Browser, url: string): void {
    this.requests.push({ method: "GET", path: url.replace("/auth", ""), headers: new Headers(), body: null });
    this.sources.push(source);
    const [session] = this.#judge(browser.cookie);
    queueMicrotask(() => {
      if (!session || this.instead) return source.die();
      source.id = session.id;
      source.readyState = 1;
      source.emit("session", { session: this.view(session), server_now: this.server_now });
    });
  }

  async handle(browser: Browser, request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(/^\/auth/, "");
    const body = await request.json().catch(() => null);
    this.requests.push({ method: request.method, path, headers: request.headers, body });
    const instead = this.instead?.(path, request);
    if (instead === null) throw new TypeError("Failed to fetch");
    const response = (await instead) ?? this.#answer(browser, request.method, path, body);
    await this.delay?.(path);
    return response;
  }

  #answer(
    browser: Browser,
    method: string,
    path: string,
    body: { idle_for?: number; password?: string } | null,
  ): Response {
    const [session, reason] = this.#judge(browser.cookie);
    const { server_now } = this;
    const shown = () => json(200, { session: session && this.view(session), server_now });
    if (path === "/session")
      return json(200, {
        session: session && this.view(session),
        server_now,
        ...(session ? { csrf_token: `csrf-${session.id}` } : { reason }),
      });
    if (path === "/login") {
      if (body?.password !== "right") return problem(401, "invalid_credentials");
      browser.cookie = this.signIn();
      return json(200, { session: this.view(this.get(browser.cookie)), server_now });
    }
    if (path === "/logout") {
      if (session) this.change(session.id, { ended: "logged_out" });
      browser.cookie = null;
      return new Response(null, { status: 204 });
    }
    if (!session) return problem(401, reason, { reason });
    if (path === "/session/touch") {
      const seen = Math.max(session.seen, this.now - (body?.idle_for ?? 0));
      this.change(session.id, { seen });
      return shown();
    }
    if (path === "/reauthenticate") {
      if (body?.password !== "right") return problem(401, "invalid_credentials");
      this.change(session.id, { seen: this.now });
      return shown();
    }
    if (path === "/sessions" && method === "GET")
      return json(200, { sessions: [...this.sessions.values()].map((other) => this.#item(other, session)) });
    if (path === "/sessions") return json(200, { revoked: this.sessions.size - 1 });
    if (method === "DELETE" && path.startsWith("/sessions/")) {
      this.change(path.replace("/sessions/", ""), { ended: "logged_out" });
      return new Response(null, { status: 204 });
    }
    return json(200, "the app's own");
  }

  #item({ id, began, seen }: Session, { id: own }: Session): SessionItem {
    const expires_at = iso(began + this.absolute);
    const device = { label: "Firefox on Linux", ip: "192.0.2.1" };
    return { id, current: id === own, created_at: iso(began), last_seen_at: iso(seen), expires_at, device };
  }

  #judge(id: string | null): [Session | null, Reason] {
    const session = this.sessions.get(id ?? "");
    if (!session) return [null, id ? "unknown_token" : "no_session"];
    if (session.ended) return [null, session.ended];
    if (this.now > session.began + this.absolute + TOLERANCE) return [null, "absolute_timeout"];
    if (this.now > session.seen + IDLE + TOLERANCE) return [null, "idle_timeout"];
    return [session, "no_session"];
  }
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

export const json = (status: number, content: unknown): Response =>
  new Response(JSON.stringify(content), { status, headers: { "content-type": "application/json" } });

export const problem = (status: number, code: string, more: object = {}): Response =>
  new Response(JSON.stringify({ type: "about:blank", title: "A sentence.", status, code, ...more }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
