/** What a page knows of its session, and the client that keeps it true. */
import type { Reason, SessionAnswer, SessionItem, SessionView, UserView } from "./wire.js";

/**
 * Where a session stands.
 *
 * `loading`: nothing was heard yet. `anonymous`: nobody is signed in. `active`: all is well.
 * `warning`: it ends soon. `ended`: it was there, and is no more; `reason` says why.
 */
export type Phase = "loading" | "anonymous" | "active" | "warning" | "ended";

/** One moment's knowledge. Never changed: a new one replaces it. */
export interface SessionState {
  readonly phase: Phase;
  /** As the server last told it; null unless `phase` is `active` or `warning`. */
  readonly session: SessionView | null;
  /** Who is signed in. */
  readonly user: UserView | null;
  /** Why the session ended, or why nobody is signed in. */
  readonly reason: Reason | null;
  /** The last exchange failed (network, 429, 5xx): what is shown may be old. */
  readonly stale: boolean;
  /** When the session ends unless somebody is active: milliseconds on the server's clock. */
  readonly idleExpiresAt: number | null;
  /** When it ends whatever happens: milliseconds on the server's clock. */
  readonly expiresAt: number | null;
  /** When the warning opens: milliseconds on the server's clock. */
  readonly warnAt: number | null;
  /** Staying is possible; false when the absolute deadline is what is near. */
  readonly extendable: boolean;
}

/** Called after each change, with what is known now and what was known before. */
export type Listener = (state: SessionState, previous: SessionState) => void;

/** How a client is made. */
export interface ClientOptions {
  /** Where the HTTP API is: `/auth` by default. */
  readonly basePath?: string | undefined;
  /** What `GET /auth/session` answered when a server rendered the page. */
  readonly initial?: SessionAnswer | undefined;
}

/** Who signs in. */
export interface Credentials {
  email: string;
  password: string;
  /** Stay signed in after the browser closes. */
  remember?: boolean;
}

/** `fetch`'s own options, and one of ours. */
export interface SessionRequestInit extends RequestInit {
  /** A program asks, not a person: the request keeps no session alive. */
  passive?: boolean;
}

/** One's own sessions, on all devices. */
export interface OwnSessions {
  list(): Promise<SessionItem[]>;
  revoke(id: string): Promise<void>;
  /** Ends all but this one; returns how many. */
  revokeOthers(): Promise<number>;
}

/** A page's view of its session. Whatever the server refuses rejects with a `SessionError`. */
export interface SessionClient {
  /** The present state; the same object while nothing changed. */
  getSnapshot(): SessionState;
  /** The state that a server rendered with. */
  getServerSnapshot(): SessionState;
  /** Hear of each change. The first listener starts the client, the last to leave stops it. */
  subscribe(listener: Listener): () => void;
  /** Seconds until the session ends, by the clock; 0 without a session. */
  secondsLeft(): number;
  /** Ask the server how the session stands; never activity. */
  refresh(): Promise<SessionState>;
  login(credentials: Credentials): Promise<SessionState>;
  logout(): Promise<void>;
  /** Prove the password again. */
  reauthenticate(password: string): Promise<SessionState>;
  /** Stay signed in: a person said so. */
  extend(): Promise<SessionState>;
  readonly sessions: OwnSessions;
  /** `fetch` that heeds the session: see docs. The response is always the caller's. */
  fetch(input: RequestInfo | URL, init?: SessionRequestInit): Promise<Response>;
  /** Stop for good. */
  destroy(): void;
}

/** Before anything was heard. */
export const LOADING: SessionState = {
  phase: "loading",
  session: null,
  user: null,
  reason: null,
  stale: false,
  idleExpiresAt: null,
  expiresAt: null,
  warnAt: null,
  extendable: false,
};
