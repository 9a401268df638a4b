/** What a person does on the page: noted here, reported seldom, by the tab where it happened last. */
import type { SessionState } from "./state.js";

// Between two reports (ms), or a tenth of the idle timeout if that is less, as the server does.
const INTERVAL = 60_000;
// Input that would gain less than this is worth neither a note nor a request (ms).
const GAIN = 1000;

export interface Activity {
  /** A person did something here; tells whether that is news. */
  note(): boolean;
  /** A person is at work in another tab now, and that tab will report it. */
  elsewhere(): void;
  /** When the next report is due; `Infinity` without anything to report. */
  due(state: SessionState): number;
  /** When the last input was. */
  last(): number;
  /** The server has heard of everything up to a moment, from whichever tab. */
  reported(until: number): void;
}

/** @param now milliseconds on the server's clock, as all moments here */
export const noteActivity = (now: () => number): Activity => {
  let last = 0;
  let here = false;
  let known = 0;
  return {
    note() {
      if (here && Math.abs(now() - last) < GAIN) return false;
      last = now();
      here = true;
      return true;
    },
    elsewhere() {
      here = false;
    },
    due({ session, idleExpiresAt, extendable }) {
      if (!session || !extendable || !here || last <= known + GAIN) return Infinity;
      const idle = (idleExpiresAt ?? 0) - Date.parse(session.last_seen_at);
      return known + Math.min(INTERVAL, idle / 10);
    },
    last: () => last,
    reported(until) {
      known = until;
    },
  };
};
