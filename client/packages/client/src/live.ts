/** The event stream: one per browser, held by the tab that has the lock, restarted where browsers give up. */
import { backoff } from "./backoff.js";
import type { Surroundings } from "./surroundings.js";
import { isWord, type Word } from "./word.js";

/**
 * Waits for its turn and streams until it is stopped.
 *
 * @param lock name of the Web Lock: whoever holds it streams for all tabs
 * @param died called when the server refused the stream: why, only a question can tell
 * @param stop stops it, and passes the lock on
 */
export const liveStream = (
  lock: string,
  url: string,
  hear: (word: Word) => void,
  died: () => void,
  stop: AbortSignal,
  env: Surroundings,
): void => {
  let failures = 0;
  let source: EventSource;
  const open = () => {
    if (stop.aborted) return;
    source = new env.EventSource(url);
    for (const kind of ["session", "ended"])
      source.addEventListener(kind, ({ data }) => {
        const word = JSON.parse(data);
        failures = 0;
        if (isWord(word)) hear(word);
      });
    // A lost connection the browser restores itself; after any status but 200 it never tries again.
    source.onerror = () => {
      if (source.readyState !== 2) return;
      env.setTimeout(open, backoff(++failures, env));
      died();
    };
  };
  env.navigator.locks
    ?.request(lock, { signal: stop }, () => {
      open();
      return new Promise<void>((release) => {
        stop.onabort = () => {
          source.close();
          release();
        };
      });
    })
    .catch(() => 0); // stopped while it waited
};
