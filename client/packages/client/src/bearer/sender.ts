/** Sends requests with tokens that count, and exchanges those that soon will not. */
import { contentOf } from "../http.js";
import { backoff, wait } from "../wait.js";
import { type Grant, hold } from "./grant.js";
import { stopwatch } from "./stopwatch.js";
import type { BearerSurroundings } from "./surroundings.js";

// An exchange without an answer is tried again so often; then its request fails, and the next one tries.
const RETRIES = 3;
const LONGEST = 15_000; // ms until an exchange is given up

export interface Sender {
  /** Sends a request with a token of the grant; once more, and no oftener, if that did not count. */
  bear(request: Request, grant: Grant): Promise<Response>;
  /** Ends the session of a grant that nobody here uses any more, or at least its tokens. */
  end(grant: Grant): Promise<unknown>;
}

export const sender = (base: string, env: BearerSurroundings): Sender => {
  const post = (path: string, body: object) =>
    env.fetch(base + path, {
      method: "POST",
      body: JSON.stringify(body),
      // Not this but the request that needs the token is what a person did, or did not.
      headers: { "content-type": "application/json", "coatcheck-activity": "passive" },
      credentials: "omit",
      keepalive: true,
      signal: AbortSignal.timeout(LONGEST),
    });

  /** Tries until it is done: whoever asks again with the same token gets what was lost. */
  const insist = async (attempt: () => Promise<boolean>) => {
    for (let failures = 0; !(await attempt().catch(() => false)); ) {
      if (++failures > RETRIES) throw new TypeError("Failed to fetch");
      await wait(backoff(failures, env), env);
    }
  };

  const exchange = async (grant: Grant): Promise<boolean> => {
    const age = stopwatch(env);
    const answer = await post("/token/refresh", { refresh_token: grant.refresh });
    const content = await contentOf(answer);
    // A refusal in our server's own form: the 401 of something in between ends nothing.
    const refused = answer.status === 401 && !!content?.reason;
    if (refused) grant.refusal = { ...content, code: content.reason };
    else if (answer.ok && content?.access_token) hold(grant, content, age);
    else return false;
    return true;
  };

  /** Gets new tokens, or a refusal; one exchange for all. Rejects where nobody could tell. */
  const renew = (grant: Grant): Promise<void> => {
    grant.renewing ??= insist(() => exchange(grant)).finally(() => {
      grant.renewing = undefined;
    });
    return grant.renewing;
  };

  const send = async (request: Request, grant: Grant) => {
    if (grant.refusal) return Response.json(grant.refusal, { status: 401 });
    request.headers.set("authorization", `Bearer ${grant.access}`);
    return env.fetch(request);
  };

  const bear = async (request: Request, grant: Grant) => {
    if (grant.isOld() && !grant.refusal) await renew(grant);
    const again = request.clone(); // a body can be sent once
    const { access } = grant;
    const answer = await send(request, grant);
    if (!(await isStale(answer, request.url === `${base}/session`))) return answer;
    if (grant.access === access && !grant.refusal) await renew(grant);
    return send(again, grant);
  };

  return {
    bear,
    async end(grant) {
      const request = new Request(`${base}/logout`, { method: "POST", credentials: "omit", keepalive: true });
      const { status } = await bear(request, grant).catch(() => ({ status: 0 }));
      // 401: it is over already.
      if (status !== 204 && status !== 401)
        await insist(async () => (await post("/revoke", { token: grant.refresh })).ok).catch(() => 0);
    },
  };
};

/** Tells whether the access token was at fault. What is no answer of our server's says it as RFC 6750 3.1 does. */
const isStale = async (answer: Response, asksWho: boolean): Promise<boolean> => {
  if (answer.status !== 401 && !asksWho) return false;
  const { code, reason } = Object(await contentOf(answer.clone()));
  return code || answer.ok
    ? reason === "unknown_token"
    : /invalid_token/.test(`${answer.headers.get("www-authenticate")}`);
};
