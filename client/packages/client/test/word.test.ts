import { expect, it } from "vitest";
import { isWord } from "../src/word.js";

const server_now = "2026-03-01T12:00:00.000Z";
const session = {
  id: "a",
  rev: 1,
  user: { id: "u1", email: "ada@example.test", name: "Ada", roles: ["user"] },
  idle_expires_in: 1800,
  expires_in: 43_200,
  warn_in: 1680,
};

it.each([
  { session, server_now },
  { session: null, reason: "no_session", server_now },
  { id: "a", reason: "revoked", server_now },
])("A word: %j", (value) => {
  expect(isWord(value)).toBe(true);
});

it.each([
  undefined,
  null,
  "session",
  [],
  {},
  { session },
  { session: null },
  { session: null, server_now: "yesterday" },
  { server_now },
  { id: 5, server_now },
  { session: 5, server_now },
  { session: {}, server_now },
  { session: { ...session, id: 5 }, server_now },
  { session: { ...session, rev: "1" }, server_now },
  { session: { ...session, warn_in: Number.NaN }, server_now },
  { session: { ...session, expires_in: Number.POSITIVE_INFINITY }, server_now },
  { session: { ...session, idle_expires_in: null, warn_in: {} }, server_now },
  { session: { ...session, user: null }, server_now },
  { session: { ...session, user: { ...session.user, name: {} } }, server_now },
  { session: { ...session, user: { ...session.user, roles: "admin" } }, server_now },
])("None: %j", (value) => {
  expect(isWord(value)).toBe(false);
});
