/** What a page does while somebody listens: it watches the clock, the other tabs, the stream and its own life. */
import type { Activity } from "./activity.js";
import type { ServerClock } from "./clock.js";
import { liveStream } from "./live.js";
import { UNASKED } from "./reducer.js";
import type { SessionState } from "./state.js";
import type { Surroundings } from "./surroundings.js";
import { isWord, type Word } from "./word.js";

// Times in milliseconds.
const BETWEEN = 2000; // at least, between two questions that nobody waits for
const HIDDEN_WAITS = 2000; // for what the visible tab hears, and up to as long again
const LONGEST = 30_000; // then the clock is looked at: a laptop's sleep counts for no timer
const SLEPT = 10_000; // a timer that is off by more has slept, or somebody has set the clock

// Real input. Not mouse movement: a desk that shakes is nobody.
const INPUT = ["pointerdown", "keydown", "wheel", "touchstart"];

/** Says that a person is at work in the tab that says so, and that this tab will report it. */
const ACTIVE = "active";

/** The client, as its presence needs it. */
export interface Host {
  state(): SessionState;
  /** Learns a word, and tells whether it counted. */
  hear(word: Word, asked?: number): boolean;
  /** Asks how the session stands, or reports activity. */
  sync(keepalive?: boolean): void;
  /** When the last question was put: milliseconds on the server's clock. */
  askedAt(): number;
}

export interface Presence {
  start(): void;
  stop(): void;
  /** Look again at when to ask, and whom to stream for: what is known has changed. */
  arm(): void;
  /** Ask at this moment of the server's clock, whatever else happens; 0: when a deadline is near. */
  askAt(moment: number): void;
  /** Pass on what the server told this tab. */
  share(word: Word): void;
}

export const makePresence = (
  basePath: string,
  { askedAt, hear, state, sync }: Host,
  activity: Activity,
  clock: ServerClock,
  env: Surroundings,
): Presence => {
  const { document } = env;
  let running: AbortController | undefined;
  let following: AbortController | undefined;
  let followed: string | undefined;
  let tabs: BroadcastChannel | undefined;
  let here = false; // the page is, be it hidden
  let wanted = 0;
  let timer: number | undefined;

  const wakeAt = (due: number) => {
    const start = clock.now();
    const delay = Math.min(Math.max(due - start, 0), LONGEST);
    env.clearTimeout(timer);
    timer = env.setTimeout(() => {
      const now = clock.now();
      // Hidden pages have slow timers: that one is late means nothing.
      const slept = !document.hidden && Math.abs(now - start - delay) > SLEPT;
      if (slept || now >= due) sync();
      else wakeAt(due);
    }, delay);
  };

  /** Set the alarm, after anything that may have moved it; and stream for whom the page shows. */
  const arm = () => {
    const { phase, warnAt, idleExpiresAt, session } = state();
    const deadline = (phase === "active" ? warnAt : idleExpiresAt) ?? Infinity;
    const patience = document.hidden ? HIDDEN_WAITS * (1 + env.Math.random()) : 0;
    const due = wanted || Math.min(deadline + patience, activity.due(state()));
    if (here) wakeAt(Math.max(due, Math.min(askedAt(), clock.now()) + BETWEEN));

    const id = here ? session?.id : undefined;
    if (id === followed) return;
    following?.abort();
    followed = id;
    if (!id) return;
    following = new AbortController();
    const tell = (word: Word) => hear(word, UNASKED) || askNow();
    liveStream(`coatcheck-live${basePath}`, `${basePath}/events`, tell, askNow, following.signal, env);
  };

  const askAt = (moment: number) => {
    wanted = moment;
    arm();
  };
  const askNow = () => askAt(clock.now());

  const open = () => {
    here = true;
    tabs = env.BroadcastChannel && new env.BroadcastChannel(`coatcheck${basePath}`);
    if (tabs)
      tabs.onmessage = ({ data }) => {
        if (data === ACTIVE) activity.elsewhere();
        else if (isWord(data)) hear(data);
      };
    askNow();
  };

  const shut = () => {
    here = false;
    tabs?.close();
    tabs = undefined;
    env.clearTimeout(timer);
    arm();
  };

  /** The page is looked at no more, perhaps for ever. */
  const leave = () => {
    if (activity.due(state()) < Infinity) sync(true);
  };

  const watch = (signal: AbortSignal) => {
    const on = (target: Pick<EventTarget, "addEventListener">, type: string, act: (event: Event) => void) =>
      target.addEventListener(type, act, { signal, passive: true, capture: true });
    for (const type of INPUT)
      on(env, type, ({ isTrusted }) => {
        // While the warning is open, a person decides.
        if (!isTrusted || state().phase !== "active" || !activity.note()) return;
        tabs?.postMessage(ACTIVE);
        arm();
      });
    on(document, "visibilitychange", () => (document.hidden ? leave() : askNow()));
    on(document, "resume", askNow);
    on(env, "online", askNow);
    on(env, "pagehide", () => {
      leave();
      shut();
    });
    on(env, "pageshow", (event) => (event as PageTransitionEvent).persisted && open());
  };

  return {
    start() {
      running = new AbortController();
      watch(running.signal);
      open();
    },
    stop() {
      running?.abort();
      shut();
    },
    arm,
    askAt,
    share: (word) => tabs?.postMessage(word),
  };
};
