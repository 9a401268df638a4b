import { describe, expect, it } from "vitest";
import { IDLE, problem, WARNING } from "./server.js";
import { settle, world } from "./world.js";

/** An open page that has heard of its session, a while ago. */
const page = async (options: { locks?: boolean; skew?: number } = {}) => {
  const made = world();
  made.browser.skew = options.skew ?? 0;
  const tab = made.browser.tab(options);
  tab.client.subscribe(() => undefined);
  await made.time.pass(10);
  return { ...made, tab, id: made.browser.cookie ?? "" };
};

describe("Input", () => {
  it("costs at most two requests in a minute of typing and clicking without a pause", async () => {
    const { time, server, tab } = await page();
    server.requests.length = 0;
    for (let spent = 0; spent < 60; spent += 0.2) {
      tab.input(spent % 2 ? "keydown" : "pointerdown");
      await time.pass(0.2);
    }
    expect(server.requests.length).toBeLessThanOrEqual(2);
    expect(server.count("/session/touch")).toBeGreaterThanOrEqual(1);
  });

  it("earns exactly what a person did, however late it is reported", async () => {
    const { time, server, tab, id } = await page();
    tab.input();
    const then = server.now;
    await time.pass(300);
    expect(server.get(id).seen).toBe(then);
  });

  it("of a script, or of a mouse that is moved, is none", async () => {
    const { time, server, tab } = await page();
    tab.input("keydown", false);
    tab.input("mousemove");
    await time.pass(IDLE / 2);
    expect(server.count("/session/touch")).toBe(0);
  });

  it("does not count while the warning is open: a person decides", async () => {
    const { time, server, tab } = await page();
    await time.pass(IDLE - WARNING);
    tab.input();
    await time.pass(70);
    expect(server.count("/session/touch")).toBe(0);
    expect(tab.state.phase).toBe("warning");
  });

  it("is reported when the page is hidden, and before the page asks", async () => {
    const { time, server, tab } = await page();
    await time.pass(5);
    tab.input();
    tab.hide();
    await settle();
    expect(server.count("/session/touch")).toBe(1);
    tab.show();
    await time.pass(5);
    tab.input();
    await time.pass(5);
    await tab.client.refresh();
    expect(server.count("/session/touch")).toBe(2);
  });

  it("that nobody answered is reported again", async () => {
    const { time, server, tab, id } = await page();
    tab.input();
    const then = server.now;
    server.instead = () => null;
    await time.pass(90);
    server.instead = undefined;
    await time.pass(90);
    expect(server.get(id).seen).toBe(then);
    expect(tab.state.stale).toBe(false);
  });
});

describe("A page that", () => {
  it.each(["visibilitychange", "online", "resume"])("hears of %s asks, once", async (event) => {
    const { time, server, tab } = await page({ locks: false });
    server.change("s1", { ended: "revoked" });
    expect(tab.state.phase).toBe("active");
    for (let i = 0; i < 5; i++) tab.window.dispatchEvent(new Event(event));
    await time.pass(1);
    expect(server.count("/session")).toBe(2);
    expect(tab.state).toMatchObject({ phase: "ended", reason: "revoked" });
  });

  it("is switched to and fro asks no more than every other second", async () => {
    const { time, server, tab } = await page();
    for (let i = 0; i < 100; i++) {
      tab.hide();
      tab.show();
      await time.pass(0.1);
    }
    expect(server.count("/session")).toBeLessThanOrEqual(7);
  });

  it("comes back out of the browser's cache asks, and streams again", async () => {
    const { time, server, browser, tab } = await page();
    tab.window.dispatchEvent(new Event("pagehide"));
    await settle();
    expect(server.streams).toEqual([]);
    expect([...browser.channels.values()].map(({ size }) => size)).toEqual([0]);
    server.change("s1", { ended: "logged_out" });
    tab.window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await time.pass(1);
    expect(tab.state).toMatchObject({ phase: "ended", reason: "logged_out" });
  });

  it("is loaded for the first time asks once", async () => {
    const { time, server, tab } = await page();
    tab.window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    await time.pass(5);
    expect(server.count("/session")).toBe(1);
  });

  it("slept with the laptop asks when it wakes", async () => {
    const { time, server, tab } = await page({ locks: false });
    server.change("s1", { ended: "revoked" });
    time.sleep(600);
    await time.pass(31);
    expect(tab.state.reason).toBe("revoked");
  });

  it("is hidden has slow timers, and asks nothing for that", async () => {
    const { time, server, tab } = await page();
    tab.hide();
    for (let i = 0; i < 10; i++) {
      time.sleep(45);
      await time.pass(30);
    }
    expect(server.count("/session")).toBe(1);
  });

  it.each([3_600_000, -3_600_000])("has a clock that is off by %i ms shows the right time", async (skew) => {
    const { time, tab } = await page({ skew });
    expect(tab.client.secondsLeft()).toBeCloseTo(IDLE - 10);
    await time.pass(IDLE - WARNING - 12);
    expect(tab.state.phase).toBe("active");
    await time.pass(3);
    expect(tab.state.phase).toBe("warning");
  });

  it.each([3_600_000, -3_600_000])(
    "has its clock set by %i ms corrects itself, and signs nobody out",
    async (skew) => {
      const { time, server, browser, tab } = await page();
      browser.skew = skew;
      await time.pass(35);
      expect(tab.client.secondsLeft()).toBeCloseTo(IDLE - 45);
      expect(tab.state.phase).toBe("active");
      expect(server.count("/session")).toBeLessThanOrEqual(3);
      tab.show();
      await time.pass(5);
      expect(tab.client.secondsLeft()).toBeCloseTo(IDLE - 50);
    },
  );
});

describe("The stream", () => {
  it("is opened again after a question, with more and more patience, where the server refused it", async () => {
    const { time, server, tab } = await page();
    server.instead = (path) => (path === "/events" ? problem(503, "store_unavailable") : undefined);
    server.streams[0]?.die();
    await time.pass(120);
    expect(server.count("/events")).toBeLessThan(12);
    expect(server.count("/events")).toBeGreaterThan(4);
    expect(tab.state.phase).toBe("active");
    server.instead = undefined;
    await time.pass(61);
    expect(server.streams.length).toBe(1);
  });

  it("that is refused because the session is over is not opened again", async () => {
    const { time, server, tab } = await page();
    server.get("s1").ended = "revoked";
    server.streams[0]?.die();
    await time.pass(300);
    expect(tab.state.reason).toBe("revoked");
    expect(server.count("/events")).toBe(1);
  });

  it("that tells of another session makes the page ask whose it is", async () => {
    const { time, server, browser, tab } = await page();
    browser.cookie = server.signIn();
    server.streams[0]?.emit("session", {
      session: server.view(server.get("s2")),
      server_now: server.server_now,
    });
    await time.pass(3);
    expect(tab.state.session?.id).toBe("s2");
  });

  it("of nonsense changes nothing", async () => {
    const { server, tab } = await page();
    const before = tab.state;
    server.streams[0]?.emit("session", { session: "?" });
    expect(tab.state).toBe(before);
  });

  it("is none without locks: the page asks when it is looked at", async () => {
    const { time, server, tab } = await page({ locks: false });
    expect(server.count("/events")).toBe(0);
    server.change("s1", { ended: "revoked" });
    tab.show();
    await time.pass(1);
    expect(tab.state.reason).toBe("revoked");
  });
});

describe("A token that was superseded", () => {
  it("is no logout: the page asks once more", async () => {
    const { time, server, tab } = await page();
    let times = 0;
    server.instead = (path) =>
      path === "/session" && ++times === 1
        ? new Response(JSON.stringify({ session: null, reason: "superseded", server_now: server.server_now }))
        : undefined;
    expect((await tab.client.refresh()).phase).toBe("active");
    await time.pass(5);
    expect(times).toBe(2);
    expect(tab.state).toMatchObject({ phase: "active", stale: false });
  });

  it("twice is believed", async () => {
    const { time, server, tab } = await page();
    server.get("s1").ended = "superseded";
    await tab.client.refresh();
    await time.pass(5);
    expect(tab.state).toMatchObject({ phase: "ended", reason: "superseded" });
  });
});

describe("A race", () => {
  it("between a question and a sign-out is won by the sign-out", async () => {
    const { server, tab } = await page();
    let go = () => {};
    server.delay = (path) => (path === "/session" ? new Promise((resolve) => (go = resolve)) : undefined);
    const asked = tab.client.refresh();
    await settle();
    await tab.client.logout();
    go();
    expect(await asked).toMatchObject({ phase: "ended", reason: "logged_out" });
  });

  it("between a question and a sign-in is won by the sign-in", async () => {
    const { time, server, browser } = world({ signedIn: false });
    const tab = browser.tab();
    tab.client.subscribe(() => undefined);
    await time.pass(3);
    let go = () => {};
    server.delay = (path) => (path === "/session" ? new Promise((resolve) => (go = resolve)) : undefined);
    const asked = tab.client.refresh();
    await settle();
    await tab.client.login({ email: "ada@example.test", password: "right" });
    server.delay = undefined;
    go();
    expect(await asked).toMatchObject({ phase: "active", session: { id: "s1" } });
    await time.pass(5);
    expect(tab.state.phase).toBe("active");
  });
});

describe("A forged message", () => {
  const view = (server: ReturnType<typeof world>["server"], change: object) => ({
    session: { ...server.view(server.get("s1")), ...change },
    server_now: "2099-01-01T00:00:00Z",
  });

  it("neither extends nor ends anything at the server, and the next question brings the truth back", async () => {
    const { time, server, tab, id } = await page();
    const { seen } = server.get(id);
    const forger = tab.script();
    const lies = [
      view(server, { rev: 1e9, idle_expires_in: 1e9, warn_in: 1e9 }),
      view(server, { id: "other", user: { id: "evil", email: "", name: "", roles: ["admin"] } }),
      { id, reason: "revoked", server_now: "2099-01-01T00:00:00Z" },
      { session: null, server_now: "2099-01-01T00:00:00Z" },
      "active",
      1,
      null,
      { session: {} },
    ];
    for (const lie of lies) {
      forger.postMessage(lie);
      await time.pass(3);
      expect(await tab.client.refresh()).toMatchObject({ phase: "active", user: { name: "Ada" } });
      expect(tab.client.secondsLeft()).toBeCloseTo(IDLE - (server.now - seen));
    }
    expect(server.get(id)).toMatchObject({ seen, ended: null, rev: 1 });
  });
});
