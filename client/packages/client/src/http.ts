/** Calls of the HTTP API. */
import type { Sample } from "./clock.js";
import { SessionError } from "./problem.js";
import type { Surroundings } from "./surroundings.js";

/** Sends a request, as often as it takes, and returns the answer. */
export type Send = (attempt: () => Promise<Response>) => Promise<Response>;

/** Calls the API and returns the content; rejects with a `SessionError` for anything but a success. */
// biome-ignore lint/suspicious/noExplicitAny: who asks knows what is answered; `isWord` looks at what matters
export type Call = (path: string, body?: object, method?: string) => Promise<any>;

export const caller =
  (basePath: string, send: Send, sample: Sample, env: Surroundings): Call =>
  async (path, body, method = body ? "POST" : "GET") => {
    let sent = 0;
    const response = await send(() => {
      sent = env.Date.now();
      return env.fetch(basePath + path, {
        method,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
        keepalive: true, // what is told as the page goes, must arrive all the same
        signal: AbortSignal.timeout(15_000), // a browser may have to prove its device first,
      });
    }).catch(() => {
      throw new SessionError(0);
    });
    const content = await contentOf(response);
    if (!response.ok) throw new SessionError(response.status, content ?? {});
    sample(sent, +new Date(content?.server_now));
    return content;
  };

/** Reads JSON; undefined if it is none. */
export const contentOf = (response: Response) => response.json().catch(() => undefined);
