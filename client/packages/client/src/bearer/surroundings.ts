/** The page around a client that bears tokens. */
import type { Surroundings } from "../surroundings.js";

export interface BearerSurroundings extends Surroundings {
  readonly performance: Pick<Performance, "now">;
}

/** Each tab has a session of its own: there is nothing to tell the others. */
class Silence {
  postMessage() {}
  close() {}
}

/**
 * Shows a page to the client as if it were one of the API's own.
 *
 * @param base where the HTTP API is
 * @param bearing `fetch` that bears tokens
 */
export const abroad = (base: string, bearing: typeof fetch, env: BearerSurroundings): Surroundings => ({
  Date: env.Date,
  Math: env.Math,
  fetch: bearing,
  setTimeout: (act, ms) => env.setTimeout(act, ms),
  clearTimeout: (timer) => env.clearTimeout(timer),
  addEventListener: (type: string, hear: EventListener, options: AddEventListenerOptions) =>
    env.addEventListener(type, hear, options),
  BroadcastChannel: Silence as unknown as typeof BroadcastChannel,
  // A stream needs the cookie; without locks none is opened.
  EventSource: env.EventSource,
  navigator: {},
  location: new URL(base),
  document: {
    baseURI: base,
    get hidden() {
      return env.document.hidden;
    },
  },
});
