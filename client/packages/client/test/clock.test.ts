import { expect, it } from "vitest";
import { serverClock } from "../src/clock.js";

/** A page's clock, off by so much, and exchanges of so many milliseconds; the server's starts at a million. */
const setUp = (skew: number) => {
  let server = 1e6;
  let off = skew;
  const [now, sample] = serverClock(() => server + off);
  return {
    sample,
    set: (skew: number) => {
      off = skew;
    },
    exchange: (there: number, back: number) => {
      const sent = server + off;
      server += there;
      const said = server;
      server += back;
      sample(sent, said);
    },
    error: () => now() - server,
  };
};

it.each([3_600_000, -3_600_000])("A clock that is off by %i ms is put right", (skew) => {
  const { exchange, error } = setUp(skew);
  exchange(20, 20);
  expect(error()).toBe(0);
});

it("A clock that may be right is left alone", () => {
  const { exchange, error } = setUp(15);
  exchange(50, 10);
  expect(error()).toBe(15);
});

it("A slow answer spoils nothing, and a quick one mends what a slow one left", () => {
  const { exchange, error } = setUp(3_600_000);
  exchange(0, 4000);
  expect(error()).toBe(-2000);
  exchange(10, 10);
  expect(error()).toBe(0);
  exchange(0, 4000);
  expect(error()).toBe(0);
});

it("A clock that is set meanwhile is noticed with the next answer", () => {
  const { exchange, error, set } = setUp(0);
  exchange(10, 10);
  set(-3_600_000);
  exchange(10, 10);
  expect(error()).toBe(0);
});

it("An answer without a time teaches nothing", () => {
  const { sample, error } = setUp(5);
  sample(0, Number.NaN);
  expect(error()).toBe(5);
});
