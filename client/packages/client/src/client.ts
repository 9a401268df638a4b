/** The client: one state of what the server, the other tabs and the person at this one say. */
import { noteActivity } from "./activity.js";
import { backoff } from "./backoff.js";
import { serverClock } from "./clock.js";
import { guardedFetch } from "./guarded-fetch.js";
import { type Call, httpApi } from "./http.js";
import { makePresence } from "./presence.js";
import { SessionError } from "./problem.js";
import { doubt, type Known, NOTHING, reduce } from "./reducer.js";
import type { Listener, SessionClient, SessionState } from "./state.js";
import type { Surroundings } from "./surroundings.js";
import type { Reason, SessionAnswer } from "./wire.js";
import { isWord, type Word } from "./word.js";

export interface ClientOptions {
  /** Where the HTTP API is: `/auth` by default. */
  readonly basePath?: string | undefined;
  /** What `GET /auth/session` answered when a server rendered the page. */
  readonly initial?: SessionAnswer | undefined;
}

/** Makes a client. It does nothing before somebody subscribes or calls, so a server may make one too. */
export const createSessionClient = (options: ClientOptions = {}): SessionClient =>
  sessionClient(options, globalThis as unknown as Surroundings);

/** The same in surroundings of one's own, for tests. */
export const sessionClient = (
  { basePath = "/auth", initial }: ClientOptions,
  env: Surroundings,
): SessionClient => {
  const listeners = new Set<Listener>();
  const first = initial ? reduce(NOTHING, initial, 0) : NOTHING;
  let known = first;
  let csrf: Word | undefined = initial;
  let asking: Promise<SessionState> | undefined;
  let askedAt = 0;
  let failures = 0;
  let destroyed = false;

  const state = () => known.state;
  const session = () => known.state.session;

  const know = (next: Known) => {
    const before = known.state;
    const same = JSON.stringify(next.state) === JSON.stringify(before);
    known = same ? { ...next, state: before } : next;
    presence.arm();
    if (same) return;
    for (const listener of listeners)
      queueMicrotask(() => listeners.has(listener) && listener(next.state, before));
  };

  const hear = (word: Word, asked?: number): boolean => {
    const before = session();
    const next = reduce(known, word, asked);
    if (next === known) return false;
    if (word.session?.last_seen_at !== before?.last_seen_at) activity.reported(clock.now());
    if (word.csrf_token) csrf = word;
    know(next);
    const { session: now, reason, server_now } = word;
    if (asked !== undefined) presence.share({ session: now, id: before?.id, reason, server_now });
    return true;
  };

  const clock = serverClock(() => env.Date.now());
  const call = httpApi(basePath, clock, env);
  const activity = noteActivity(clock.now);

  const nobody = (reason: Reason): Word => ({
    session: null,
    reason,
    server_now: new Date(clock.now()).toISOString(),
  });

  const ask = async (keepalive?: boolean) => {
    const { era, state } = known;
    const now = clock.now();
    const report = activity.due(state) < Infinity;
    let again = 0;
    askedAt = now;
    try {
      const word = await (report
        ? act("/session/touch", "POST", { idle_for: Math.max(0, now - activity.last()) / 1000 }, keepalive)
        : act("/session"));
      // That a newer token was superseded in its turn is unlikely, but no reason to sign anybody out.
      if (!isWord(word) || (word.reason === "superseded" && !failures)) throw new SessionError(200);
      failures = 0;
      if (!hear(word, era)) again = now;
    } catch (error) {
      const { reason, retryAfter } = error as SessionError;
      if (!reason) {
        again = clock.now() + Math.max(backoff(++failures, env), 1000 * (retryAfter ?? 0));
        know(doubt(known, clock.now()));
      }
    }
    asking = undefined;
    presence.askAt(again);
    return known.state;
  };

  const sync = (keepalive?: boolean) => (asking ??= ask(keepalive));

  /** Remembers when a question is put; what it returns learns that there is no session, if so. */
  const question = () => {
    const { era } = known;
    return (reason: Reason) => hear(nobody(reason), era);
  };

  const act: Call = async (...request) => {
    const tell = question();
    try {
      return await call(...request);
    } catch (error) {
      const { reason } = error as SessionError;
      if (reason) tell(reason);
      throw error;
    }
  };

  /** An act that answers with the session; after a sign-in, nothing that was heard meanwhile is newer. */
  const renew = async (path: string, body: object, signIn = false) => {
    const { era } = known;
    const word = await act(path, "POST", body);
    if (!isWord(word)) throw new SessionError(200);
    return hear(word, signIn ? known.era : era) ? known.state : sync();
  };

  const end = async (path: string, method: string, id = session()?.id) => {
    await act(path, method);
    if (id === session()?.id) hear(nobody("logged_out"), known.era);
  };

  const presence = makePresence(
    basePath,
    { state, hear, sync, askedAt: () => askedAt },
    activity,
    clock,
    env,
  );

  return {
    getSnapshot: state,
    getServerSnapshot: () => first.state,
    subscribe(listener) {
      const own: Listener = (...change) => listener(...change); // one function may listen twice
      if (!destroyed && listeners.add(own).size === 1) presence.start();
      return () => {
        if (listeners.delete(own) && !listeners.size) presence.stop();
      };
    },
    secondsLeft: () => Math.max(0, (state().idleExpiresAt ?? 0) - clock.now()) / 1000,
    refresh: () => sync(),
    login: (credentials) => renew("/login", credentials, true),
    reauthenticate: (password) => renew("/reauthenticate", { password }),
    extend: () => renew("/session/touch", { idle_for: 0 }),
    logout: () => end("/logout", "POST"),
    sessions: {
      list: async () => (await act("/sessions")).sessions,
      revoke: (id) => end(`/sessions/${encodeURIComponent(id)}`, "DELETE", id),
      revokeOthers: async () => (await act("/sessions", "DELETE")).revoked,
    },
    fetch: guardedFetch(
      () => (csrf?.session?.id === session()?.id ? csrf?.csrf_token : undefined),
      question,
      env,
    ),
    destroy() {
      destroyed = true;
      listeners.clear();
      presence.stop();
    },
  };
};
