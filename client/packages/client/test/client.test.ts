import { describe, expect, it } from "vitest";
import type { SessionState } from "../src/state.js";
import { IDLE, json, problem, WARNING } from "./server.js";
import { settle, world } from "./world.js";

const noop = () => undefined;

/** One open page, just loaded. */
const page = async (options?: { signedIn?: boolean }) => {
  const made = world(options);
  const tab = made.browser.tab();
  const stop = tab.client.subscribe(noop);
  await made.time.pass(3);
  return { ...made, tab, stop };
};

describe("A page", () => {
  it("knows nothing before it has heard, and asks once somebody listens", async () => {
    const { time, server, browser } = world();
    const tab = browser.tab();
    await time.pass(1);
    expect(tab.state.phase).toBe("loading");
    expect(server.requests).toEqual([]);
    tab.client.subscribe(noop);
    await time.pass(1);
    expect(tab.state).toMatchObject({
      phase: "active",
      user: { name: "Ada" },
      stale: false,
      extendable: true,
    });
    expect(server.count("/session")).toBe(1);
  });

  it("says that nobody is signed in", async () => {
    const { tab } = await page({ signedIn: false });
    expect(tab.state).toMatchObject({ phase: "anonymous", reason: "no_session", session: null });
  });

  it("warns when the server's time to warn has come, and ends when the server says so", async () => {
    const { time, tab } = await page();
    await time.pass(IDLE - WARNING - 4);
    expect(tab.state.phase).toBe("active");
    await time.pass(2);
    expect(tab.state).toMatchObject({ phase: "warning", extendable: true });
    expect(tab.client.secondsLeft()).toBeCloseTo(WARNING - 1);
    await time.pass(WARNING + 8);
    expect(tab.state).toMatchObject({ phase: "ended", reason: "idle_timeout", session: null, user: null });
    expect(tab.client.secondsLeft()).toBe(0);
  });

  it("warns of the absolute limit even while somebody types, and offers nothing that cannot be had", async () => {
    const { time, server, tab } = await page();
    server.absolute = 2 * IDLE;
    for (let spent = 3; spent < 2 * IDLE - WARNING + 5; spent += 30) {
      tab.input();
      await time.pass(30);
    }
    expect(tab.state).toMatchObject({ phase: "warning", extendable: false });
    await time.pass(WARNING + 10);
    expect(tab.state).toMatchObject({ phase: "ended", reason: "absolute_timeout" });
  });

  it("asks as good as never while nothing happens", async () => {
    const { time, server } = await page();
    await time.pass(IDLE - WARNING - 10);
    expect(server.requests.map(({ path }) => path)).toEqual(["/session", "/events"]);
  });

  it("starts from what the server rendered, and then asks all the same", async () => {
    const { time, server, browser } = world();
    const initial = {
      session: server.view(server.get(browser.cookie ?? "")),
      server_now: server.server_now,
      csrf_token: "csrf",
    };
    const tab = browser.tab({ initial });
    expect(tab.state.phase).toBe("active");
    expect(tab.client.getServerSnapshot()).toBe(tab.state);
    tab.client.subscribe(noop);
    await time.pass(1);
    expect(server.count("/session")).toBe(1);
    expect(tab.client.getServerSnapshot().phase).toBe("active");
  });

  it("stops when nobody listens any more, and starts again", async () => {
    const { time, server, tab, stop } = await page();
    stop();
    await settle();
    expect(server.streams).toEqual([]);
    await time.pass(IDLE);
    expect(server.count("/session")).toBe(1);
    tab.client.subscribe(noop);
    await time.pass(10);
    expect(tab.state.reason).toBe("idle_timeout");
  });

  it("does nothing any more once destroyed", async () => {
    const { time, server, tab } = await page();
    tab.client.destroy();
    tab.client.subscribe(noop);
    await time.pass(IDLE);
    expect(server.requests.length).toBe(2);
  });
});

describe("Listeners", () => {
  it("hear of each change with what was known before, in order, and of nothing that is none", async () => {
    const { time, browser } = world({ signedIn: false });
    const tab = browser.tab();
    const heard: [string, string][] = [];
    tab.client.subscribe(({ phase }, before) => heard.push([before.phase, phase]));
    await time.pass(3);
    const anonymous = tab.state;
    await tab.client.refresh();
    expect(tab.state).toBe(anonymous);
    await tab.client.login({ email: "ada@example.test", password: "right" });
    await tab.client.logout();
    await settle();
    expect(heard).toEqual([
      ["loading", "anonymous"],
      ["anonymous", "active"],
      ["active", "active"], // what the stream says first
      ["active", "ended"],
    ]);
  });

  it("may change the state and throw nobody off: everybody hears of both changes in their order", async () => {
    const { tab } = await page();
    const heard: (string | undefined)[] = [];
    tab.client.subscribe((state) => {
      if (state.session?.rev === 2) void tab.client.logout();
    });
    tab.client.subscribe(({ phase, session }) => heard.push(`${phase} ${session?.rev}`));
    await tab.client.extend();
    await settle();
    await settle();
    expect(heard.slice(-1)).toEqual(["ended undefined"]);
    expect(heard.slice(0, -1).every((state) => state === "active 2")).toBe(true);
  });

  it("hear nothing after they have left", async () => {
    const { tab } = await page();
    let heard = 0;
    const leave = tab.client.subscribe(() => heard++);
    const act = tab.client.extend();
    leave();
    await act;
    await settle();
    expect(heard).toBe(0);
  });

  it("may listen twice with one function", async () => {
    const { tab } = await page();
    const states: SessionState[] = [];
    const listen = (state: SessionState) => void states.push(state);
    const leave = tab.client.subscribe(listen);
    tab.client.subscribe(listen);
    leave();
    await tab.client.logout();
    await settle();
    expect(states.length).toBe(1);
  });
});

describe("Acts", () => {
  it("sign in", async () => {
    const { tab } = await page({ signedIn: false });
    await expect(tab.client.login({ email: "ada@example.test", password: "wrong" })).rejects.toMatchObject({
      code: "invalid_credentials",
      status: 401,
      reason: null,
    });
    expect(tab.state.phase).toBe("anonymous");
    const state = await tab.client.login({ email: "ada@example.test", password: "right", remember: true });
    expect(state).toMatchObject({ phase: "active" });
  });

  it("sign out", async () => {
    const { tab, browser } = await page();
    await tab.client.logout();
    expect(tab.state).toMatchObject({ phase: "ended", reason: "logged_out", user: null });
    expect(browser.cookie).toBeNull();
  });

  it("sign out whom the page did not know of", async () => {
    const { browser } = world();
    const tab = browser.tab();
    await tab.client.logout();
    expect(tab.state).toMatchObject({ phase: "anonymous", reason: "logged_out" });
  });

  it("stay signed in", async () => {
    const { time, tab } = await page();
    await time.pass(IDLE - WARNING);
    expect(tab.state.phase).toBe("warning");
    expect(await tab.client.extend()).toMatchObject({ phase: "active" });
    expect(tab.client.secondsLeft()).toBe(IDLE);
  });

  it("that come too late say so, and are learned", async () => {
    const { server, browser, tab } = await page();
    server.get(browser.cookie ?? "").ended = "revoked";
    await expect(tab.client.extend()).rejects.toMatchObject({
      status: 401,
      reason: "revoked",
      title: "A sentence.",
    });
    expect(tab.state).toMatchObject({ phase: "ended", reason: "revoked" });
  });

  it("prove the password again", async () => {
    const { tab } = await page();
    await expect(tab.client.reauthenticate("wrong")).rejects.toMatchObject({ code: "invalid_credentials" });
    expect((await tab.client.reauthenticate("right")).session?.rev).toBe(2);
  });

  it("list and end sessions, one's own among them", async () => {
    const { server, browser, tab } = await page();
    const other = server.signIn();
    expect((await tab.client.sessions.list()).map(({ id }) => id)).toEqual(["s1", other]);
    await tab.client.sessions.revoke(other);
    expect(server.get(other).ended).toBe("logged_out");
    expect(await tab.client.sessions.revokeOthers()).toBe(1);
    expect(tab.state.phase).toBe("active");
    await tab.client.sessions.revoke(browser.cookie ?? "");
    expect(tab.state).toMatchObject({ phase: "ended", reason: "logged_out" });
  });

  it("reject without an answer, and change nothing", async () => {
    const { server, tab } = await page();
    server.instead = () => null;
    await expect(tab.client.logout()).rejects.toMatchObject({ code: "unreachable", status: 0 });
    server.instead = () => problem(503, "store_unavailable", { retry_after: 2 });
    await expect(tab.client.extend()).rejects.toMatchObject({ code: "store_unavailable", retryAfter: 2 });
    server.instead = () => problem(403, "role_required", { support_code: "04HM-ASW9" });
    await expect(tab.client.extend()).rejects.toMatchObject({ supportCode: "04HM-ASW9", reason: null });
    server.instead = () => json(200, { something: "else" });
    await expect(tab.client.extend()).rejects.toMatchObject({ code: "unexpected_answer", status: 200 });
    expect(tab.state.phase).toBe("active");
  });
});

describe("A transient failure", () => {
  const failures = {
    "no network": () => null,
    "429": () => problem(429, "too_many_attempts", { retry_after: 7 }),
    "503": () => problem(503, "store_unavailable"),
    "a proxy's page": () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    "a portal's page": () => new Response("<h1>Pay here</h1>"),
    "an empty object": () => json(200, {}),
    null: () => json(200, null),
    "the app's own 401": () => json(401, { reason: "bad_coupon" }),
  };

  it.each(Object.entries(failures))("is no logout: %s", async (_, answer) => {
    const { time, server, tab } = await page();
    server.instead = answer;
    expect(await tab.client.refresh()).toMatchObject({ phase: "active", stale: true, user: { name: "Ada" } });
    server.instead = undefined;
    await time.pass(60);
    expect(tab.state).toMatchObject({ phase: "active", stale: false });
  });

  it("is retried with more and more patience", async () => {
    const { time, server, tab } = await page();
    server.instead = () => null;
    await tab.client.refresh();
    const before = server.requests.length;
    await time.pass(600);
    expect(server.requests.length - before).toBeLessThan(20);
    expect(server.requests.length - before).toBeGreaterThan(8);
  });

  it("waits as long as the server says", async () => {
    const { time, server, tab } = await page();
    server.instead = () => problem(429, "too_many_attempts", { retry_after: 100 });
    await tab.client.refresh();
    const before = server.requests.length;
    await time.pass(98);
    expect(server.requests.length).toBe(before);
    await time.pass(4);
    expect(server.requests.length).toBe(before + 1);
  });

  it("hides no warning: the clock is enough for that, and past the deadline nothing is claimed", async () => {
    const { time, server, tab } = await page();
    server.instead = () => null;
    await time.pass(IDLE - WARNING);
    expect(tab.state).toMatchObject({ phase: "warning", stale: true });
    await time.pass(WARNING + 60);
    expect(tab.state).toMatchObject({ phase: "warning", stale: true });
    expect(tab.client.secondsLeft()).toBe(0);
    server.instead = undefined;
    tab.window.dispatchEvent(new Event("online"));
    await time.pass(3);
    expect(tab.state).toMatchObject({ phase: "ended", reason: "idle_timeout", stale: false });
  });
});
