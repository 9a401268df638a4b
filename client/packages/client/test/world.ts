/** A browser with several tabs, and a server: all of it under one clock that stands still until it is moved. */
import { createSessionClient } from "../src/client.js";
import type { SessionClient } from "../src/state.js";
import type { Surroundings } from "../src/surroundings.js";
import type { SessionAnswer } from "../src/wire.js";
import { Server, Source } from "./server.js";

interface Timer {
  readonly at: number;
  readonly act: () => void;
}

/** Timers that fire when the clock is moved, in their order. */
export class Time {
  now = Date.parse("2026-03-01T12:00:00Z");
  readonly #timers = new Map<number, Timer>();
  #next = 1;

  after(act: () => void, ms = 0): number {
    this.#timers.set(this.#next, { at: this.now + ms, act });
    return this.#next++;
  }

  cancel(timer: number | undefined): void {
    if (timer) this.#timers.delete(timer);
  }

  /** Let everything happen that happens within so many seconds. */
  async pass(seconds: number): Promise<void> {
    const end = this.now + seconds * 1000;
    await settle();
    for (let due = this.#due(end); due; due = this.#due(end)) {
      const [id, timer] = due;
      this.#timers.delete(id);
      this.now = Math.max(this.now, timer.at);
      timer.act();
      await settle();
    }
    this.now = end;
  }

  /** Time passes, but no timer fires: the laptop's lid is closed. */
  sleep(seconds: number): void {
    this.now += seconds * 1000;
    for (const [id, { at, act }] of this.#timers) this.#timers.set(id, { at: at + seconds * 1000, act });
  }

  #due(end: number) {
    return [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
  }
}

/** Let promises and messages arrive. */
export const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** One browser: a cookie jar, a clock that may be wrong, locks and channels between its tabs. */
export class Browser {
  cookie: string | null = null;
  /** Milliseconds by which its clock is fast. */
  skew = 0;
  readonly channels = new Map<string, Set<Channel>>();
  readonly time: Time;
  readonly server: Server;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(time: Time, server: Server) {
    this.time = time;
    this.server = server;
  }

  tab(options: { initial?: SessionAnswer; locks?: boolean } = {}): Tab {
    return new Tab(this, options);
  }

  /** As `navigator.locks.request`. */
  async lock(name: string, signal: AbortSignal, hold: () => Promise<unknown>): Promise<void> {
    const queue = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, queue);
    let go = () => {};
    const turn = new Promise<void>((resolve, reject) => {
      go = resolve;
      signal.addEventListener("abort", () => {
        if (queue[0] !== go) queue.splice(queue.indexOf(go), 1);
        reject(new DOMException("gone", "AbortError"));
      });
    });
    if (queue.push(go) === 1) go();
    await turn;
    await hold().finally(() => {
      queue.shift();
      queue[0]?.();
    });
  }
}

/** As `BroadcastChannel`. */
class Channel {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly #peers: Set<Channel>;

  constructor(browser: Browser, name: string) {
    this.#peers = browser.channels.get(name) ?? new Set();
    browser.channels.set(name, this.#peers.add(this));
  }

  postMessage(data: unknown): void {
    const copy = structuredClone(data);
    for (const peer of this.#peers)
      if (peer !== this) queueMicrotask(() => this.#peers.has(peer) && peer.onmessage?.({ data: copy }));
  }

  close(): void {
    this.#peers.delete(this);
  }
}

/** One tab: a page with a client. */
export class Tab {
  readonly window = new EventTarget();
  readonly document = { hidden: false, baseURI: "https://app.test/page" };
  readonly env: Surroundings;
  readonly client: SessionClient;
  readonly #browser: Browser;

  constructor(browser: Browser, { initial, locks = true }: { initial?: SessionAnswer; locks?: boolean }) {
    this.#browser = browser;
    this.env = surroundings(browser, this, locks);
    this.client = createSessionClient({ initial }, this.env);
  }

  get state() {
    return this.client.getSnapshot();
  }

  /** A person does something, or a script pretends that one does. */
  input(type = "keydown", isTrusted = true): void {
    this.window.dispatchEvent(trusted(type, isTrusted));
  }

  show(): void {
    this.document.hidden = false;
    this.window.dispatchEvent(new Event("visibilitychange"));
  }

  hide(): void {
    this.document.hidden = true;
    this.window.dispatchEvent(new Event("visibilitychange"));
  }

  /** What any script of the origin can say on the channel, and hear. */
  script(): Pick<Channel, "postMessage" | "onmessage"> {
    return new Channel(this.#browser, "coatcheck/auth");
  }
}

/** What a page finds around it. */
const surroundings = (browser: Browser, { window, document }: Tab, locks: boolean): Surroundings => {
  const { time, server } = browser;
  const request = ((name, { signal }: LockOptions, hold: () => Promise<unknown>) =>
    browser.lock(name, signal as AbortSignal, hold)) as LockManager["request"];
  return {
    Date: { now: () => time.now + browser.skew },
    Math: { random: () => 0.5 },
    fetch: (input, init) =>
      server.handle(
        browser,
        input instanceof Request ? input : new Request(new URL(input, document.baseURI), init),
      ),
    setTimeout: (act, ms) => time.after(act, ms),
    clearTimeout: (timer) => time.cancel(timer),
    BroadcastChannel: class extends Channel {
      constructor(name: string) {
        super(browser, name);
      }
    } as unknown as typeof BroadcastChannel,
    EventSource: class extends Source {
      constructor(url: string) {
        super();
        server.connect(this, browser, url);
      }
    } as unknown as Surroundings["EventSource"],
    navigator: locks ? { locks: { request } } : {},
    location: { origin: "https://app.test" },
    document,
    addEventListener: window.addEventListener.bind(window),
  };
};

const trusted = (type: string, isTrusted: boolean): Event =>
  Object.defineProperty(new Event(type), "isTrusted", { value: isTrusted });

/** A world with one browser, somebody signed in unless said otherwise. */
export const world = ({ signedIn = true } = {}) => {
  const time = new Time();
  const server = new Server(time);
  const browser = new Browser(time, server);
  if (signedIn) browser.cookie = server.signIn();
  return { time, server, browser };
};
