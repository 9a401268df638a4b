/**
 * The state as a function of what was heard, in whatever order it comes.
 *
 * Each accepted word begins an era, and each question remembers in which era it was put. The answer to a
 * question from an earlier era is late: it may be older than what is known, so it can neither bring a
 * signed-out page back nor end a session that began meanwhile. Within one session `rev` orders the rest.
 */
import { LOADING, type SessionState } from "./state.js";
import type { SessionView } from "./wire.js";
import type { Word } from "./word.js";

/** What is known, and what it takes to tell a late word from a new one. */
export interface Known {
  readonly state: SessionState;
  readonly era: number;
  /** When the latest word was true: milliseconds on the server's clock. Orders what other tabs say. */
  readonly at: number;
  /** The session whose end the server told this tab: whatever a cache somewhere still says, it is over. */
  readonly ended: string | null;
}

export const NOTHING: Known = { state: LOADING, era: 0, at: 0, ended: null };

/**
 * Hear a word. What is too late to count leaves the very same object.
 *
 * @param asked in which era this tab asked for it, -1 if it did not; left out for what another tab says
 */
export const reduce = (known: Known, word: Word, asked?: number): Known => {
  const { state, era, ended } = known;
  const { session, id, reason = null } = word;
  const present = state.session;
  const at = +new Date(word.server_now);
  const told = asked === undefined;
  const late = told ? at < known.at : asked < era;
  const next = (state: SessionState, over = ended) => ({ state, era: era + 1, at, ended: over });

  if (session) {
    const same = session.id === present?.id;
    const outdated = same ? session.rev < present.rev && (told || late) : late || session.id === ended;
    return outdated ? known : next(alive(session, at));
  }
  if (id ? id !== present?.id : told || late) return known;
  if (present)
    return next(
      { ...LOADING, phase: "ended", reason },
      // The session of a browser that was superseded goes on: it may be let in again.
      told || reason === "superseded" ? ended : present.id,
    );
  // Why a session ended is worth more than that there is none now.
  if (state.phase === "loading") return next({ ...LOADING, phase: "anonymous", reason });
  return next(state.stale ? { ...state, stale: false } : state);
};

/** No definite answer came. That ends nothing: the page shows what it knows, and warns by the clock alone. */
export const doubt = (known: Known, now: number): Known => {
  const { state } = known;
  const phase = state.warnAt && now >= state.warnAt ? "warning" : state.phase;
  return state.stale && phase === state.phase ? known : { ...known, state: { ...state, stale: true, phase } };
};

const alive = (session: SessionView, at: number): SessionState => {
  const { user, warn_in, idle_expires_in, expires_in } = session;
  return {
    ...LOADING,
    phase: warn_in ? "active" : "warning",
    session,
    user,
    idleExpiresAt: at + idle_expires_in * 1000,
    expiresAt: at + expires_in * 1000,
    warnAt: at + warn_in * 1000,
    extendable: expires_in > idle_expires_in + 1, // staying that gains less is not worth offering
  };
};
