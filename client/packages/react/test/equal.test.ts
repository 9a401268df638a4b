import { expect, test } from "vitest";
import { equal } from "../src/equal.js";

test.each([
  [1, 1],
  [Number.NaN, Number.NaN],
  [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
  [[], []],
])("%j says the same as %j", (one, other) => {
  expect(equal(one, other)).toBe(true);
});

test.each([
  [1, "1"],
  [null, undefined],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: 1, b: 2 }],
  [["user"], ["user", "admin"]],
  [{}, null],
])("%j says something else than %j", (one, other) => {
  expect(equal(one, other)).toBe(false);
});

test("what is not JSON is compared by identity: there is more in it than its keys tell", () => {
  expect(equal(new Set([1]), new Set([2]))).toBe(false);
  expect(equal(new Date(1), new Date(2))).toBe(false);
});
