import type { Surroundings } from "./surroundings.js";

/** Listens to what happens to the page and its document, until it is stopped. */
export const listen = (
  handlers: Record<string, (event: never) => void>,
  env: Surroundings,
): AbortController => {
  const stop = new AbortController();
  // What happens to the document passes the window on its way down.
  for (const type in handlers)
    env.addEventListener(type, handlers[type] as () => void, { signal: stop.signal, capture: true });
  return stop;
};
