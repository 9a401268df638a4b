/** What a person does on the page: noted here, reported seldom, by the tab where it happened last. */
import type { SessionState } from "./state.js";

// Between two reports (ms), or a tenth of the time that is left if that is less.
const INTERVAL = 60_000;
/** Input that would gain less than this is worth neither a note nor a request (ms). */
export const GAIN = 1000;

/**
 * When input is to be reported; undefined if it is not worth it. Moments are on the server's clock.
 *
 * @param last when it was
 * @param reported up to when the server has heard of all that was done, in whatever tab
 */
export const reportDue = (last: number, reported: number, { session }: SessionState) =>
  // However little it gains: who types until the time limit must not be told that nothing happened here.
  session && session.idle_expires_in < session.expires_in && last > reported + GAIN
    ? reported + Math.min(INTERVAL, session.idle_expires_in * 100)
    : undefined;
