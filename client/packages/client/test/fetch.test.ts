import { describe, expect, it } from "vitest";
import { json, problem } from "./server.js";
import { world } from "./world.js";

/** An open page that has heard of its session. */
const page = async (signedIn = true) => {
  const made = world({ signedIn });
  const tab = made.browser.tab();
  tab.client.subscribe(() => undefined);
  await made.time.pass(3);
  const { server } = made;
  server.requests.length = 0;
  return { ...made, tab, last: () => server.requests[server.requests.length - 1] };
};

describe("The client's fetch", () => {
  it("adds the anti-forgery token to unsafe requests of our own", async () => {
    const { tab, last } = await page();
    await tab.client.fetch("/api/cart", { method: "POST", body: "{}" });
    expect(last()?.headers.get("x-csrf-token")).toBe("csrf-s1");
    await tab.client.fetch("/api/cart");
    expect(last()?.headers.get("x-csrf-token")).toBeNull();
  });

  it("adds none of a session that is over", async () => {
    const { tab, last } = await page();
    await tab.client.logout();
    await tab.client.login({ email: "ada@example.test", password: "right" });
    await tab.client.fetch("/api/cart", { method: "DELETE" });
    expect(last()?.headers.get("x-csrf-token")).toBeNull();
  });

  it("marks what a program asks in the background", async () => {
    const { tab, last } = await page();
    await tab.client.fetch("/api/news", { passive: true });
    expect(last()?.headers.get("coatcheck-activity")).toBe("passive");
    await tab.client.fetch("/api/news");
    expect(last()?.headers.get("coatcheck-activity")).toBeNull();
  });

  it("takes what fetch takes", async () => {
    const { tab, last } = await page();
    for (const input of [
      "https://app.test/api",
      new URL("https://app.test/api"),
      new Request("https://app.test/api", { method: "PUT", body: '"x"' }),
    ]) {
      expect((await tab.client.fetch(input)).status).toBe(200);
      expect(last()?.path).toBe("/api");
    }
    expect(last()).toMatchObject({ method: "PUT", body: "x" });
  });

  it("leaves other origins alone", async () => {
    const { server, tab, last } = await page();
    server.instead = () => problem(401, "revoked", { reason: "revoked" });
    const url = "https://elsewhere.test/api";
    expect((await tab.client.fetch(url, { method: "POST", passive: true })).status).toBe(401);
    expect([...(last()?.headers.keys() ?? [])]).toEqual([]);
    expect(tab.state.phase).toBe("active");
  });

  it("learns from a 401 that says why, and hands it to the caller unread", async () => {
    const { server, tab } = await page();
    server.instead = () => problem(401, "revoked", { reason: "revoked" });
    const response = await tab.client.fetch("/api/cart");
    expect(tab.state).toMatchObject({ phase: "ended", reason: "revoked" });
    expect(await response.json()).toMatchObject({ code: "revoked" });
  });

  it.each([
    ["the app's own 401", json(401, { reason: "bad_coupon", code: "no" })],
    ["a 401 that is no JSON", new Response("no", { status: 401 })],
    ["wrong credentials", problem(401, "invalid_credentials")],
    ["a role that is lacking", problem(403, "role_required", { reason: "role_required" })],
    ["429", problem(429, "too_many_attempts")],
    ["503", problem(503, "store_unavailable")],
  ])("signs nobody out for %s", async (_, response) => {
    const { server, tab } = await page();
    const before = tab.state;
    server.instead = () => response;
    expect(await tab.client.fetch("/api/cart")).toBe(response);
    expect(tab.state).toBe(before);
  });

  it("signs nobody out for a network that is down", async () => {
    const { server, tab } = await page();
    server.instead = () => null;
    await expect(tab.client.fetch("/api/cart")).rejects.toThrow(TypeError);
    expect(tab.state).toMatchObject({ phase: "active", stale: false });
  });

  it("repeats once what was sent with a token that was superseded meanwhile, body and all", async () => {
    const { time, server, tab, last } = await page();
    let times = 0;
    server.instead = () => (++times === 1 ? problem(401, "superseded", { reason: "superseded" }) : undefined);
    const answer = tab.client.fetch("/api/cart", { method: "POST", body: '"x"' });
    await time.pass(1);
    expect((await answer).status).toBe(200);
    expect(last()?.body).toBe("x");
    expect(times).toBe(2);
    expect(tab.state.phase).toBe("active");
  });

  it("lets a late 401 of an earlier session end no new one", async () => {
    const { server, tab } = await page();
    let answer = (_: Response) => {};
    server.instead = (path) =>
      path === "/api/old" ? new Promise((resolve) => (answer = resolve)) : undefined;
    const old = tab.client.fetch("/api/old");
    await tab.client.logout();
    await tab.client.login({ email: "ada@example.test", password: "right" });
    answer(problem(401, "logged_out", { reason: "logged_out" }));
    expect((await old).status).toBe(401);
    expect(tab.state).toMatchObject({ phase: "active", session: { id: "s2" } });
  });
});
