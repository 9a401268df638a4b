/** The client: one state of what the server, the other tabs and the person at this one say. */
import { GAIN, reportDue } from "./activity.js";
import { serverClock } from "./clock.js";
import { guardedFetch } from "./guarded-fetch.js";
import { caller, contentOf } from "./http.js";
import { liveStream } from "./live.js";
import { listen } from "./page.js";
import { SessionError } from "./problem.js";
import { doubt, type Known, NOTHING, reduce } from "./reducer.js";
import type { ClientOptions, Listener, SessionClient, SessionState } from "./state.js";
import type { Surroundings } from "./surroundings.js";
import { backoff, wait } from "./wait.js";
import type { Reason } from "./wire.js";
import { isWord, type Word } from "./word.js";

/**
 * Makes a client. It does nothing before somebody subscribes or calls, so a server may make one too.
 *
 * @param env the page around it; tests bring their own
 */
export const createSessionClient = (
  { basePath = "/auth", initial }: ClientOptions = {},
  env: Surroundings = globalThis as unknown as Surroundings,
): SessionClient => {
  // Times in milliseconds.
  const BETWEEN = 2000; // at least, between two questions that nobody waits for
  const HIDDEN_WAITS = 2000; // for what the visible tab hears
  const LONGEST = 30_000; // then the clock is looked at: a laptop's sleep counts for no timer
  const SLEPT = 10_000; // a timer that is off by more has slept, or somebody has set the clock
  const COOKIE_ARRIVES = 500; // with an answer that was sent before the one that is here
  // Tells the other tabs that a person is at work here, and that this tab will report it.
  const ACTIVE = 1;

  const listeners = new Set<Listener>();
  let known = initial ? reduce(NOTHING, initial, 0) : NOTHING;
  const rendered = known.state;
  const csrfTokens: Record<string, string> = {};
  let destroyed = false;

  // Moments are milliseconds on the server's clock.
  let asking: Promise<SessionState> | undefined;
  let askedAt = 0;
  let askAt = 0; // whatever else happens; 0: when a deadline is near
  let failures = 0;
  let lastInput = 0; // 0: it was in another tab, which will report it
  let reported = 0;

  let timer: number | undefined;
  let tabs: BroadcastChannel | undefined; // there while the page is, be it hidden
  let page: AbortController;
  let stream: AbortController | undefined;
  let streaming: string | undefined; // whose

  const [now, sample] = serverClock(() => env.Date.now());
  const state = () => known.state;
  const session = () => known.state.session;
  const due = () => reportDue(lastInput, reported, known.state);

  const know = (next: Known) => {
    const before = known.state;
    known = next;
    arm();
    if (next.state !== before)
      for (const listener of listeners)
        queueMicrotask(() => listeners.has(listener) && listener(next.state, before));
  };

  /** Learns a word, and tells whether it counted. */
  const hear = (word: Word, asked?: number): boolean => {
    const before = session();
    const next = reduce(known, word, asked);
    if (next === known) return false;
    if (word.csrf_token) csrfTokens[word.session?.id as string] = word.csrf_token;
    if (word.session?.last_seen_at !== before?.last_seen_at) reported = now();
    know(next);
    if (asked !== undefined) tabs?.postMessage({ ...word, id: before?.id, csrf_token: undefined });
    return true;
  };

  const hearNobody = (reason: Reason, asked: number) =>
    hear({ session: null, reason, server_now: now() }, asked);

  /** Sends a request to our server, and learns from the answer if there is no session (any more). */
  const send = async (attempt: () => Promise<Response>, again = true): Promise<Response> => {
    const { era } = known;
    const response = await attempt();
    // Our server says so in its own form; a 401 of the app's may be about anything.
    const { code, reason } = (response.status === 401 && (await contentOf(response.clone()))) || {};
    // A token that was replaced meanwhile is no logout: once more, with the newer one that is on its way.
    if (again && reason === "superseded") return wait(COOKIE_ARRIVES, env).then(() => send(attempt, false));
    if (reason && reason === code) hearNobody(reason, era);
    return response;
  };
  const call = caller(basePath, send, sample, env);

  /** Asks what is answered with a word on the session, and tells whether that counted. */
  const question = async (path: string, body?: object): Promise<boolean> => {
    const { era } = known;
    const word = await call(path, body);
    // That a newer token was superseded in its turn is unlikely, but no reason to sign anybody out.
    if (!isWord(word) || (word.reason === "superseded" && !failures)) throw new SessionError(200);
    failures = 0;
    return hear(word, era);
  };

  const ask = async () => {
    const idle_for = Math.abs(now() - lastInput) / 1000;
    try {
      const report = due() && question("/session/touch", { idle_for });
      askAt = (await (report || question("/session"))) ? 0 : now();
    } catch (error) {
      const { code, reason, retryAfter } = error as SessionError;
      askAt = 0;
      if (code !== reason) {
        askAt = now() + Math.max(backoff(++failures, env), 1000 * Number(retryAfter));
        know(doubt(known, now()));
      }
    }
    asking = undefined;
    askedAt = now();
    arm();
    return known.state;
  };

  /** Asks how the session stands, or reports activity, which is answered alike. */
  const sync = () => (asking ??= ask());

  /** Sets the timer, after anything that may have moved it; and streams for whom the page shows. */
  const arm = () => {
    const { phase, warnAt, idleExpiresAt, session } = known.state;
    const start = now();
    const deadline = (phase === "active" ? warnAt : idleExpiresAt) ?? Infinity;
    const patience = env.document.hidden ? HIDDEN_WAITS : 0;
    const next = askAt || Math.min(deadline + patience, due() ?? Infinity);
    const delay = Math.min(Math.max(next, start, Math.min(askedAt, start) + BETWEEN) - start, LONGEST);
    env.clearTimeout(timer);
    if (tabs)
      timer = env.setTimeout(() => {
        // It counts nothing, it looks at the clock. Hidden pages have slow timers: that one is late means nothing.
        const slept = !env.document.hidden && Math.abs(now() - start - delay) > SLEPT;
        if (slept || delay < LONGEST) sync();
        else arm();
      }, delay);

    const whose = tabs && session?.id;
    if (whose === streaming) return;
    streaming = whose;
    stream?.abort();
    if (whose)
      stream = liveStream(
        `coatcheck-live${basePath}`,
        `${basePath}/events`,
        // What the stream says, nobody asked for: of another session only a question tells for certain.
        (word) => hear(word, -1) || askSoon(),
        sync,
        env,
      );
  };

  const askSoon = () => {
    askAt = now();
    arm();
  };

  const open = () => {
    tabs = new env.BroadcastChannel(`coatcheck${basePath}`);
    tabs.onmessage = ({ data }) => {
      if (data === ACTIVE) lastInput = 0;
      else if (isWord(data)) hear(data);
    };
    askSoon();
  };

  const shut = () => {
    tabs?.close();
    tabs = undefined;
    arm();
  };

  const input = ({ isTrusted }: Event) => {
    // While the warning is open, a person decides.
    if (!isTrusted || known.state.phase !== "active" || Math.abs(now() - lastInput) < GAIN) return;
    if (!lastInput) tabs?.postMessage(ACTIVE);
    lastInput = now();
    arm();
  };

  const start = () => {
    const handlers = {
      // Not mouse movement: a desk that shakes is nobody.
      pointerdown: input,
      keydown: input,
      wheel: input,
      touchstart: input,
      visibilitychange() {
        if (!env.document.hidden) askSoon();
        else if (due()) sync();
      },
      resume: askSoon,
      online: askSoon,
      pagehide: shut,
      pageshow: (event: PageTransitionEvent) => event.persisted && open(),
    };
    page = listen(handlers, env);
    open();
  };

  const stop = () => {
    page?.abort();
    shut();
  };

  const renew = async (path: string, body: object) => ((await question(path, body)) ? known.state : sync());

  const remove = (path: string) => call(path, undefined, "DELETE");

  const end = async (request: Promise<unknown>, id = session()?.id) => {
    await request;
    if (id === session()?.id) hearNobody("logged_out", known.era);
  };

  return {
    getSnapshot: state,
    getServerSnapshot: () => rendered,
    subscribe(listener) {
      const own: Listener = (...change) => listener(...change); // one function may listen twice
      if (!destroyed && listeners.add(own).size === 1) start();
      return () => {
        if (listeners.delete(own) && !listeners.size) stop();
      };
    },
    secondsLeft: () => Math.max(0, (known.state.idleExpiresAt ?? 0) - now()) / 1000,
    refresh: sync,
    login: (credentials) => renew("/login", credentials),
    reauthenticate: (password) => renew("/reauthenticate", { password }),
    extend: () => renew("/session/touch", {}),
    logout: () => end(call("/logout", {})),
    sessions: {
      list: () => call("/sessions").then((answer) => answer.sessions),
      revoke: (id) => end(remove(`/sessions/${encodeURIComponent(id)}`), id),
      revokeOthers: () => remove("/sessions").then((answer) => answer.revoked),
    },
    fetch: guardedFetch(send, () => csrfTokens[session()?.id as string], env),
    destroy() {
      destroyed = true;
      listeners.clear();
      stop();
    },
  };
};
