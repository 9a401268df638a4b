import { describe, expect, it } from "vitest";
import { doubt, type Known, NOTHING, reduce } from "../src/reducer.js";
import type { Reason, SessionView } from "../src/wire.js";

const NOON = Date.parse("2026-03-01T12:00:00Z");
const at = (seconds: number) => new Date(NOON + seconds * 1000).toJSON();

const view = (id: string, rev: number, more: Partial<SessionView> = {}): SessionView => ({
  id,
  rev,
  user: { id: "u1", email: "ada@example.test", name: "Ada", roles: ["user"] },
  created_at: at(0),
  authenticated_at: at(0),
  last_seen_at: at(0),
  idle_expires_in: 1800,
  expires_in: 43_200,
  warn_in: 1680,
  remember: false,
  amr: ["pwd"],
  data: {},
  ...more,
});

const alive = (id: string, rev: number, when = 0) => ({ session: view(id, rev), server_now: at(when) });
const nobody = (reason: Reason, when = 0) => ({ session: null, reason, server_now: at(when) });
const ended = (id: string, reason: Reason, when = 0) => ({ id, reason, server_now: at(when) });

/** What is known after several answers, each to a question put after the one before. */
const after = (...words: Parameters<typeof reduce>[1][]) =>
  words.reduce<Known>((known, word) => reduce(known, word, known.era), NOTHING);

describe("An answer", () => {
  it("gives deadlines on the server's clock, whatever the page's own says", () => {
    expect(after(alive("a", 1, 60)).state).toMatchObject({
      phase: "active",
      idleExpiresAt: NOON + 1_860_000,
      expiresAt: NOON + 43_260_000,
      warnAt: NOON + 1_740_000,
      extendable: true,
    });
  });

  it("opens the warning when it says that it is time", () => {
    const session = view("a", 1, { warn_in: 0, idle_expires_in: 90 });
    expect(after({ session, server_now: at(0) }).state.phase).toBe("warning");
  });

  it("offers no staying where the absolute deadline is what is near", () => {
    const session = view("a", 1, { warn_in: 0, idle_expires_in: 90, expires_in: 90.5 });
    expect(after({ session, server_now: at(0) }).state.extendable).toBe(false);
  });

  it("that comes late brings no ended session back", () => {
    const known = after(alive("a", 1));
    const over = reduce(known, ended("a", "revoked"), -1);
    expect(reduce(over, alive("a", 5), known.era)).toBe(over);
    expect(reduce(over, alive("a", 5), over.era)).toBe(over);
    expect(reduce(over, alive("a", 5, 99))).toBe(over);
  });

  it("that comes late ends no session that began meanwhile, and brings no earlier one back", () => {
    const before = after(nobody("no_session"));
    const now = reduce(before, alive("b", 1), before.era);
    expect(reduce(now, nobody("no_session"), before.era)).toBe(now);
    expect(reduce(now, alive("a", 9), before.era)).toBe(now);
  });

  it("that comes late, of an earlier revision, changes nothing; of a later one it counts", () => {
    const before = after(alive("a", 1));
    const now = reduce(before, alive("a", 3), before.era);
    expect(reduce(now, alive("a", 2), before.era)).toBe(now);
    expect(reduce(now, alive("a", 4), before.era).state.session?.rev).toBe(4);
  });

  it("to what was asked after everything that is known is the truth, be its revision lower", () => {
    const forged = reduce(after(alive("a", 1)), alive("a", 1e9));
    expect(reduce(forged, alive("a", 1), forged.era).state.session?.rev).toBe(1);
  });

  it("keeps the reason of an end, and the very state while nothing changes", () => {
    const over = after(alive("a", 1), nobody("idle_timeout"));
    expect(over.state).toMatchObject({ phase: "ended", reason: "idle_timeout" });
    expect(reduce(over, nobody("no_session"), over.era).state).toBe(over.state);
  });

  it("of a new sign-in revives a page", () => {
    const over = after(alive("a", 1), nobody("idle_timeout"));
    expect(reduce(over, alive("b", 1), over.era).state.phase).toBe("active");
  });

  it("that a token was superseded ends the page's session, yet not for ever", () => {
    const over = after(alive("a", 1), nobody("superseded"));
    expect(over.state.phase).toBe("ended");
    expect(reduce(over, alive("a", 2), over.era).state.phase).toBe("active");
  });
});

describe("What another tab says", () => {
  const known = after(alive("a", 3, 10));

  it("counts if it is newer", () => {
    expect(reduce(known, alive("a", 4, 11)).state.session?.rev).toBe(4);
    expect(reduce(known, alive("b", 1, 11)).state.session?.id).toBe("b");
    expect(reduce(known, ended("a", "logged_out", 11)).state.phase).toBe("ended");
  });

  it("does not if it is older", () => {
    expect(reduce(known, alive("a", 2, 11))).toBe(known);
    expect(reduce(known, alive("b", 1, 9))).toBe(known);
  });

  it("ends no session but the one it names", () => {
    expect(reduce(known, ended("b", "revoked", 11))).toBe(known);
    expect(reduce(known, nobody("revoked", 11))).toBe(known);
  });

  it("of an end holds until the server tells this tab otherwise", () => {
    const over = reduce(known, ended("a", "revoked", 11));
    expect(reduce(over, alive("a", 3, 12), over.era).state.phase).toBe("active");
  });
});

describe("A failure", () => {
  it("marks what is shown as old, once", () => {
    const known = doubt(after(alive("a", 1)), NOON);
    expect(known.state).toMatchObject({ phase: "active", stale: true });
    expect(doubt(known, NOON)).toBe(known);
  });

  it("warns by the clock alone", () => {
    expect(doubt(after(alive("a", 1)), NOON + 1_680_000).state.phase).toBe("warning");
  });

  it("is forgotten with the next answer", () => {
    const known = doubt(after(nobody("no_session")), NOON);
    expect(reduce(known, nobody("no_session"), known.era).state).toMatchObject({
      phase: "anonymous",
      stale: false,
    });
  });
});
