import { expect, it } from "vitest";
import { reportDue } from "../src/activity.js";
import { LOADING, type SessionState } from "../src/state.js";

const state = (idle_expires_in: number, expires_in = 43_200) =>
  ({ ...LOADING, session: { idle_expires_in, expires_in } }) as unknown as SessionState;

it("Input is reported once a minute", () => {
  expect(reportDue(5000, 0, state(1800))).toBe(60_000);
});

it("Input is reported sooner where there is little time left", () => {
  expect(reportDue(5000, 0, state(60))).toBe(6000);
});

it("Input just before the time limit is reported, so that nobody is told they did nothing", () => {
  expect(reportDue(5000, 0, state(60, 60.1))).toBe(6000);
});

it.each([
  ["nobody is signed in", 5000, LOADING],
  ["nothing can be gained", 5000, state(1800, 1800)],
  ["it is as good as known", 900, state(1800)],
])("Input is not reported where %s", (_, last, state) => {
  expect(reportDue(last, 0, state)).toBeUndefined();
});
