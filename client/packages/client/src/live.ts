/** The event stream: one per browser, held by the tab that has the lock, restarted where browsers give up. */
import type { Surroundings } from "./surroundings.js";
import { backoff, wait } from "./wait.js";
import { isWord, type Word } from "./word.js";

/**
 * Waits for its turn and streams until it is stopped.
 *
 * @param lock name of the Web Lock: whoever holds it streams for all tabs
 * @param ask called when the server refused the stream: why, only a question can tell
 * @returns what stops it, and passes the lock on
 */
export const liveStream = (
  lock: string,
  url: string,
  hear: (word: Word) => void,
  ask: () => Promise<unknown>,
  env: Surroundings,
): AbortController => {
  const stop = new AbortController();
  const { signal } = stop;
  let source: EventSource;
  let failures = 0;
  const open = () => {
    if (signal.aborted) return;
    source = new env.EventSource(url);
    for (const kind of ["session", "ended"])
      source.addEventListener(kind, ({ data }) => {
        failures = 0;
        const word = JSON.parse(data);
        if (isWord(word)) hear(word);
      });
    // A lost connection the browser restores itself; after any status but 200 it never tries again.
    source.onerror = async () => {
      if (source.readyState !== 2) return;
      await ask();
      await wait(backoff(++failures, env), env);
      open();
    };
  };
  env.navigator.locks
    ?.request(lock, { signal }, () => {
      open();
      return new Promise<void>((release) => {
        signal.onabort = () => {
          source.close();
          release();
        };
      });
    })
    .catch(() => 0); // stopped while it waited
  return stop;
};
