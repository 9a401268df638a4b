/** `fetch` that heeds the session: for requests to our own origin; all others pass untouched. */
import { persist } from "./http.js";
import type { SessionClient } from "./state.js";
import type { Surroundings } from "./surroundings.js";
import type { Reason } from "./wire.js";

/**
 * @param csrfToken the anti-forgery token of the session that the page shows, if it is known
 * @param asking called before a request; what it returns, if the answer is that there is no session
 */
export const guardedFetch =
  (
    csrfToken: () => string | undefined,
    asking: () => (reason: Reason) => void,
    env: Surroundings,
  ): SessionClient["fetch"] =>
  async (input, { passive, ...init } = {}) => {
    const url = new URL((input as Request).url ?? input, env.document.baseURI);
    if (url.origin !== env.location.origin) return env.fetch(input, init);

    let tell: ReturnType<typeof asking> | undefined;
    const { response, reason } = await persist(async () => {
      // A body can be sent once: each attempt has its own.
      const request = new Request(input instanceof Request ? input.clone() : url, init);
      const { headers, method } = request;
      const token = csrfToken();
      if (passive) headers.set("coatcheck-activity", "passive");
      if (token && !/^(GET|HEAD|OPTIONS)$/.test(method)) headers.set("x-csrf-token", token);
      tell = asking();
      return env.fetch(request);
    }, env);
    if (reason) tell?.(reason);
    return response;
  };
