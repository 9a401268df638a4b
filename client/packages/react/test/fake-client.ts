import type { SessionClient, SessionState, SessionView } from "@coatcheck/client";

export const ADA: SessionView = {
  id: "a1",
  rev: 1,
  user: { id: "u1", email: "ada@example.test", name: "Ada", roles: ["user"] },
  created_at: "2026-01-01T00:00:00.000Z",
  authenticated_at: "2026-01-01T00:00:00.000Z",
  last_seen_at: "2026-01-01T00:00:00.000Z",
  idle_expires_in: 1800,
  expires_in: 43200,
  warn_in: 1680,
  remember: false,
  amr: ["pwd"],
  data: {},
};

export const ACTIVE: SessionState = {
  phase: "active",
  session: ADA,
  user: ADA.user,
  reason: null,
  stale: false,
  idleExpiresAt: 1_800_000,
  expiresAt: 43_200_000,
  warnAt: 1_680_000,
  extendable: true,
};

export const WARNING: SessionState = { ...ACTIVE, phase: "warning" };

export const ENDED: SessionState = {
  ...ACTIVE,
  phase: "ended",
  session: null,
  user: null,
  reason: "revoked",
  idleExpiresAt: null,
  expiresAt: null,
  warnAt: null,
  extendable: false,
};

/** The state as a touch leaves it: other objects throughout, later deadlines, the same person. */
export function touched(state: SessionState): SessionState {
  const copy = structuredClone(state);
  const session = copy.session && { ...copy.session, rev: copy.session.rev + 1 };
  return { ...copy, session, idleExpiresAt: (copy.idleExpiresAt ?? 0) + 60_000 };
}

export interface FakeClient extends SessionClient {
  /** Says something new to everybody who listens. */
  tell(state: SessionState): void;
  /** Seconds until the end, as the clock has it. */
  left: number;
  readonly listening: number;
  /** How often the first listener came: a real client opens its stream then. */
  readonly starts: number;
}

function unasked(): never {
  throw new Error("no test asks for this");
}

/** A client without a server, for tests of what stands on one. */
export function fakeClient(state: SessionState = ACTIVE, initial: SessionState = state): FakeClient {
  const listeners = new Set<(state: SessionState, previous: SessionState) => void>();
  let starts = 0;
  return {
    left: 90,
    get listening() {
      return listeners.size;
    },
    get starts() {
      return starts;
    },
    tell: (next) => {
      const previous = state;
      state = next;
      for (const listener of listeners) {
        listener(next, previous);
      }
    },
    getSnapshot: () => state,
    getServerSnapshot: () => initial,
    subscribe: (listener) => {
      const own: typeof listener = (...heard) => listener(...heard);
      starts += listeners.size === 0 ? 1 : 0;
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    secondsLeft() {
      return this.left;
    },
    refresh: async () => state,
    extend: async () => state,
    logout: async () => undefined,
    login: unasked,
    reauthenticate: unasked,
    sessions: { list: unasked, revoke: unasked, revokeOthers: unasked },
    fetch: unasked,
    destroy: () => listeners.clear(),
  };
}
