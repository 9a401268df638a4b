/** How long ago something was, whatever happens to the clocks. */
import type { BearerSurroundings } from "./surroundings.js";

/**
 * Starts a stopwatch.
 *
 * A page's monotonic clock may stand still while the machine sleeps, and its wall clock may be set. So the one that
 * went further counts: what that overrates costs a request, and what it underrated would cost a refusal.
 *
 * @returns how to read it: seconds since the start
 */
export const stopwatch = (env: BearerSurroundings): (() => number) => {
  const steady = env.performance.now();
  const wall = env.Date.now();
  return () => Math.max(env.performance.now() - steady, env.Date.now() - wall) / 1000;
};
