/** `fetch` that heeds the session: for requests to our own origin; all others pass untouched. */
import type { Send } from "./http.js";
import type { SessionClient } from "./state.js";
import type { Surroundings } from "./surroundings.js";

/** @param csrfToken the anti-forgery token of the session that the page shows, if it is known */
export const guardedFetch =
  (send: Send, csrfToken: () => string | undefined, env: Surroundings): SessionClient["fetch"] =>
  async (input, { passive, ...init } = {}) => {
    const url = new URL((input as Request).url ?? input, env.document.baseURI);
    if (url.origin !== env.location.origin) return env.fetch(input, init);
    return send(async () => {
      // A body can be sent once: each attempt has its own.
      const request = new Request(input instanceof Request ? input.clone() : url, init);
      const { headers, method } = request;
      const token = csrfToken();
      if (passive) headers.set("coatcheck-activity", "passive");
      // Needed for all but GET, HEAD and OPTIONS.
      if (token && !/^[GHO]/.test(method)) headers.set("x-csrf-token", token);
      return env.fetch(request);
    });
  };
