import type { Surroundings } from "./surroundings.js";

export const wait = (ms: number, env: Surroundings): Promise<void> =>
  new Promise((done) => {
    env.setTimeout(done, ms);
  });

/** Milliseconds to wait after so many failures in a row: 1 s, doubled up to a minute, and spread. */
export const backoff = (failures: number, env: Surroundings): number =>
  Math.min(500 * 2 ** failures, 60_000) * (0.5 + env.Math.random() / 2);
