/** Calls of the HTTP API. */
import type { ServerClock } from "./clock.js";
import { SessionError } from "./problem.js";
import type { Surroundings } from "./surroundings.js";
import type { Reason } from "./wire.js";

// Longer than a browser takes that must first prove its device, shorter than a person's patience (ms).
const TIMEOUT = 15_000;
// What brings the newer cookie is on its way when a request learns that its own was superseded (ms).
const COOKIE_ARRIVES = 500;

/** Calls and returns the content; rejects with a `SessionError` for anything but a success. */
// biome-ignore lint/suspicious/noExplicitAny: who asks knows what is answered; `isWord` looks at what matters
export type Call = (path: string, method?: string, body?: object, keepalive?: boolean) => Promise<any>;

export const httpApi =
  (basePath: string, clock: ServerClock, env: Surroundings): Call =>
  async (path, method = "GET", body, keepalive = false) => {
    let sent = 0;
    const send = () => {
      sent = env.Date.now();
      return env.fetch(basePath + path, {
        method,
        keepalive,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
        signal: AbortSignal.timeout(TIMEOUT),
      });
    };
    const { response, reason } = await persist(send, env).catch(() => {
      throw new SessionError(0);
    });
    const content = await read(response);
    if (!response.ok) throw new SessionError(response.status, content, reason);
    if (content?.server_now) clock.sample(sent, env.Date.now(), Date.parse(content.server_now));
    return content;
  };

/**
 * Sends a request, and tells why there is no session if that is the answer, in our server's own form.
 *
 * A token that was replaced while its request was under way is no logout: once more, with the jar's newer one.
 */
export const persist = async (
  send: () => Promise<Response>,
  env: Surroundings,
): Promise<{ response: Response; reason?: Reason }> => {
  const once = async () => {
    const response = await send();
    const problem = response.status === 401 && (await read(response.clone()));
    return { response, reason: problem?.code === problem?.reason ? problem?.reason : undefined };
  };
  const first = await once();
  if (first.reason !== "superseded") return first;
  await new Promise<void>((done) => env.setTimeout(done, COOKIE_ARRIVES));
  // A stream cannot be sent again, nor anything without a network: that decides nothing.
  return once().catch(() => ({ response: first.response }));
};

const read = (response: Response) => response.json().catch(() => undefined);
