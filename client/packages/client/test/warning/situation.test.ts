import { expect, test } from "vitest";
import { LOADING } from "../../src/state.js";
import { situationOf } from "../../src/warning/situation.js";
import { ACTIVE, ENDED, GRACE, LIMIT, NOBODY, WARNING } from "./states.js";

test("an active session needs no words, nor does a page that nobody has signed in to", () => {
  expect(situationOf(ACTIVE, "", "ada")).toBe("");
  expect(situationOf(NOBODY, "", undefined)).toBe("");
  expect(situationOf(ENDED, "", undefined)).toBe("");
});

test("a warning says why the session ends", () => {
  expect(situationOf(WARNING, "", "ada")).toBe("idle_timeout");
  expect(situationOf(LIMIT, "", "ada")).toBe("absolute_timeout");
});

test("whoever was signed in on this page is told that they no longer are", () => {
  expect(situationOf(ENDED, "", "ada")).toBe("ended");
  expect(situationOf(NOBODY, "", "ada")).toBe("ended");
});

test("a page of one user stays hidden from the next, and opens for the same one", () => {
  expect(situationOf(GRACE, "ended", "ada")).toBe("ended");
  expect(situationOf(ACTIVE, "ended", "ada")).toBe("");
});

test("while nothing is known yet, what was said stands", () => {
  expect(situationOf(LOADING, "", "ada")).toBe("");
  expect(situationOf(LOADING, "idle_timeout", "ada")).toBe("idle_timeout");
});
