import type { Surroundings } from "./surroundings.js";

/** Milliseconds to wait after so many failures in a row: 1 s, doubled up to a minute, and spread. */
export const backoff = (failures: number, { Math: { random } }: Surroundings): number =>
  Math.min(1000 * 2 ** (failures - 1), 60_000) * (0.5 + random() / 2);
