/** A page of another origin, whose clocks may be wrong, stand still or be set. */
import { createBearerClient } from "../../src/bearer/index.js";
import type { BearerSurroundings } from "../../src/bearer/surroundings.js";
import type { SessionClient, SessionState } from "../../src/state.js";
import { Time } from "../world.js";
import { Issuer } from "./issuer.js";

export const API = "https://api.test";
export const ADA = { email: "ada@example.test", password: "right" };

export class Page {
  /** Milliseconds by which its wall clock is fast. */
  skew = 0;
  /** Milliseconds for which its monotonic clock stood still. */
  missed = 0;
  hidden = false;
  readonly window = new EventTarget();
  readonly client: SessionClient;
  readonly heard: SessionState[] = [];
  /** What went to other origins. */
  readonly elsewhere: Request[] = [];

  constructor(time: Time, issuer: Issuer) {
    const page = this;
    const never = class {
      constructor() {
        throw new Error("a bearer has none");
      }
    };
    const env: BearerSurroundings = {
      Date: { now: () => time.now + page.skew },
      performance: { now: () => time.now - page.missed },
      Math: { random: () => 0.5 },
      fetch: async (input, init) => {
        const request = new Request(input, init);
        if (new URL(request.url).origin === API) return issuer.handle(request);
        page.elsewhere.push(request);
        return new Response("elsewhere");
      },
      setTimeout: (act, ms) => time.after(act, ms),
      clearTimeout: (timer) => time.cancel(timer),
      BroadcastChannel: never as unknown as typeof BroadcastChannel,
      EventSource: never as unknown as BearerSurroundings["EventSource"],
      navigator: {},
      location: { origin: "https://spa.test" },
      document: {
        baseURI: "https://spa.test/page",
        get hidden() {
          return page.hidden;
        },
      },
      addEventListener: this.window.addEventListener.bind(this.window),
    };
    this.client = createBearerClient({ baseUrl: `${API}/auth` }, env);
    this.client.subscribe((state) => this.heard.push(state));
  }

  get state(): SessionState {
    return this.client.getSnapshot();
  }
}

/** A page whose user has just signed in, and the time after which refresh tokens are replaced has passed. */
export const signedIn = async () => {
  const time = new Time();
  const issuer = new Issuer(time);
  const page = new Page(time, issuer);
  await time.pass(3);
  await page.client.login(ADA);
  await time.pass(20);
  issuer.requests.length = 0;
  page.heard.length = 0;
  return { time, issuer, server: issuer.server, page, client: page.client };
};
