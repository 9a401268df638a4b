import { describe, expect, it } from "vitest";
import { json, problem } from "../server.js";
import { settle, Time } from "../world.js";
import { Issuer } from "./issuer.js";
import { ADA, API, Page, signedIn } from "./world.js";

const AGED = 280; // seconds after which an access token of 300 is near its end

describe("Signing in for tokens", () => {
  it("asks for them, and shows the session as the other client does", async () => {
    const time = new Time();
    const issuer = new Issuer(time);
    const page = new Page(time, issuer);
    await time.pass(3);
    expect(page.state).toMatchObject({ phase: "anonymous", reason: "no_session" });
    expect(await page.client.login(ADA)).toMatchObject({ phase: "active", user: { name: "Ada" } });
    const asked = issuer.requests.find(({ path }) => path === "/login");
    expect(asked?.headers.get("coatcheck-transport")).toBe("bearer");
    expect(asked?.headers.get("authorization")).toBeNull();
  });

  it("tells what was wrong, and keeps nothing", async () => {
    const time = new Time();
    const issuer = new Issuer(time);
    const page = new Page(time, issuer);
    await expect(page.client.login({ ...ADA, password: "wrong" })).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    await page.client.fetch("/me");
    expect(issuer.requests.at(-1)?.headers.get("authorization")).toBeNull();
  });

  it("lets nobody see the tokens: not the caller, not the state", async () => {
    const { client, page } = await signedIn();
    const answer = await client.fetch("/auth/reauthenticate", {
      method: "POST",
      body: '{"password":"right"}',
      headers: { "content-type": "application/json" },
    });
    expect(Object.keys(await answer.json())).toEqual(["session", "server_now"]);
    expect(JSON.stringify([page.state, page.heard])).not.toMatch(/[ar]-0-/);
  });

  it("ends the session that was there before", async () => {
    const { client, server, issuer } = await signedIn();
    await client.login(ADA);
    await settle();
    expect(server.get("s1").ended).toBe("logged_out");
    expect(server.get("s2").ended).toBeNull();
    expect(issuer.count("/revoke")).toBe(0);
  });

  it("is not wanted any more by whoever signed out meanwhile", async () => {
    const { client, server, page } = await signedIn();
    let go = () => {};
    server.delay = (path) => (path === "/login" ? new Promise<void>((done) => (go = done)) : undefined);
    const late = client.login(ADA);
    await settle();
    await client.logout();
    go();
    expect(await late).toMatchObject({ phase: "ended", reason: "logged_out", user: null });
    await settle();
    expect(server.get("s2").ended).toBe("logged_out");
    expect(page.state.user).toBeNull();
  });
});

describe("Requests", () => {
  it("bear the token to the API's origin, and to no other", async () => {
    const { client, issuer, page } = await signedIn();
    await client.fetch("/me");
    await client.fetch(`${API}/cart`, { method: "POST", body: "{}" });
    for (const { headers } of issuer.requests) expect(headers.get("authorization")).toMatch(/^Bearer a-0-0-/);
    await client.fetch("https://api.test.evil.test/me");
    await client.fetch("http://api.test/me");
    await client.fetch(new Request("https://elsewhere.test/", { method: "POST", body: "x" }));
    expect(page.elsewhere.map(({ headers }) => [...headers.keys()])).toEqual([[], [], ["content-type"]]);
  });

  it("never take a cookie along", async () => {
    const { client, issuer } = await signedIn();
    const seen: RequestCredentials[] = [];
    const handle = issuer.handle.bind(issuer);
    issuer.handle = (request) => {
      seen.push(request.credentials);
      return handle(request);
    };
    await client.fetch("/me", { credentials: "include" });
    await client.refresh();
    await client.logout();
    await settle();
    expect([...new Set(seen)]).toEqual(["omit"]);
  });

  it("prove the password again, and go on with new tokens", async () => {
    const { client, issuer } = await signedIn();
    await client.reauthenticate("right");
    await client.fetch("/me");
    expect(issuer.requests.at(-1)?.headers.get("authorization")).toMatch(/^Bearer a-1-/);
    expect(issuer.count("/logout")).toBe(0);
  });

  it("with a wrong password are no reason to refresh, and try it once", async () => {
    const { client, issuer } = await signedIn();
    await expect(client.reauthenticate("wrong")).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(issuer.requests.map(({ path }) => path)).toEqual(["/reauthenticate"]);
  });

  it("are reported as a person's activity, as with the cookie", async () => {
    const { time, page, issuer } = await signedIn();
    page.window.dispatchEvent(Object.defineProperty(new Event("keydown"), "isTrusted", { value: true }));
    await time.pass(61);
    expect(issuer.count("/session/touch")).toBe(1);
  });
});

describe("A token near its end", () => {
  it("is renewed first, and that is nobody's activity", async () => {
    const { time, client, issuer } = await signedIn();
    await time.pass(AGED - 20);
    issuer.requests.length = 0;
    expect((await client.fetch("/me")).status).toBe(200);
    expect(issuer.requests.map(({ path }) => path)).toEqual(["/token/refresh", "/me"]);
    expect(issuer.requests[0]?.headers.get("coatcheck-activity")).toBe("passive");
    expect(issuer.requests[0]?.headers.get("authorization")).toBeNull();
    expect(issuer.requests[1]?.headers.get("authorization")).toMatch(/^Bearer a-0-1-/);
  });

  it("is renewed once, for all who need it", async () => {
    const { time, client, issuer } = await signedIn();
    await time.pass(AGED);
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch("/me")));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(issuer.count("/token/refresh")).toBe(1);
  });

  it("is renewed halfway where it lives but a moment", async () => {
    const { client, issuer, time } = await signedIn();
    issuer.lifetime = 20;
    await client.reauthenticate("right");
    await time.pass(9);
    await client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(0);
    await time.pass(2);
    await client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(1);
  });

  it("is followed by the next for hours, with the refresh token that is due", async () => {
    const { time, client, issuer, page } = await signedIn();
    for (let minutes = 0; minutes < 240; minutes += 4) {
      await time.pass(240);
      await client.extend();
      await client.fetch("/me");
    }
    expect(page.state.phase).toBe("active");
    expect(issuer.chains[0]?.current).toBeGreaterThan(25);
  });

  it("keeps the refresh token where no other comes", async () => {
    const { time, client, issuer } = await signedIn();
    await time.pass(AGED);
    await client.fetch("/me"); // commits the next refresh token
    issuer.retire();
    await client.fetch("/me"); // within the overlap: an access token alone
    issuer.retire();
    await time.pass(20);
    expect((await client.fetch("/me")).status).toBe(200);
    const sent = issuer.requests.flatMap(({ path, body }) => (path === "/token/refresh" ? [body] : []));
    expect(sent).toEqual(["r-0-0", "r-0-1", "r-0-1"].map((refresh_token) => ({ refresh_token })));
  });
});

describe("Clocks", () => {
  it.each([-10_000_000, 10_000_000])("may be wrong by %d ms from the start", async (skew) => {
    const time = new Time();
    const issuer = new Issuer(time);
    const page = new Page(time, issuer);
    page.skew = skew;
    await page.client.login(ADA);
    await time.pass(200);
    await page.client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(0);
    await time.pass(80);
    await page.client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(1);
    expect(page.client.secondsLeft()).toBeGreaterThan(1000);
  });

  it("may be set meanwhile: back, and the steady one counts; on, and one refresh is the price", async () => {
    const { time, client, issuer, page } = await signedIn();
    page.skew = -10_000_000;
    await time.pass(AGED);
    await client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(1);
    page.skew = 10_000_000;
    await client.fetch("/me");
    await client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(2);
  });

  it("may stand still while the machine sleeps", async () => {
    const { time, client, issuer, page } = await signedIn();
    time.sleep(AGED);
    page.missed = AGED * 1000;
    expect((await client.fetch("/me")).status).toBe(200);
    expect(issuer.requests.map(({ path }) => path)).toEqual(["/token/refresh", "/me"]);
  });

  it("may both have stood still: the refusal says so", async () => {
    const { time, client, issuer, page } = await signedIn();
    time.sleep(400);
    page.missed = 400_000;
    page.skew = -400_000;
    expect((await client.fetch("/me")).status).toBe(200);
    expect(issuer.requests.map(({ path }) => path)).toEqual(["/me", "/token/refresh", "/me"]);
  });
});

describe("A token that does not count", () => {
  it("is renewed, and the request sent once more, body and all", async () => {
    const { client, issuer } = await signedIn();
    issuer.retire();
    const answer = await client.fetch("/cart", { method: "POST", body: '"hat"' });
    expect(answer.status).toBe(200);
    expect(issuer.requests.map(({ path, body }) => [path, body])).toEqual([
      ["/cart", "hat"],
      ["/token/refresh", { refresh_token: "r-0-0" }],
      ["/cart", "hat"],
    ]);
  });

  it("is renewed once, for all whom it was refused", async () => {
    const { client, issuer } = await signedIn();
    issuer.retire();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch("/me")));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(issuer.count("/token/refresh")).toBe(1);
    expect(issuer.count("/me")).toBe(40);
  });

  it("is no word on the session where the page asks how that stands", async () => {
    const { client, issuer, page } = await signedIn();
    issuer.retire();
    expect(await client.refresh()).toMatchObject({ phase: "active" });
    expect(page.heard.every(({ phase }) => phase === "active")).toBe(true);
  });

  it("never makes a loop", async () => {
    const { client, issuer } = await signedIn();
    issuer.weather = (path) =>
      path === "/me" ? problem(401, "unknown_token", { reason: "unknown_token" }) : undefined;
    expect((await client.fetch("/me")).status).toBe(401);
    expect(issuer.requests.map(({ path }) => path)).toEqual(["/me", "/token/refresh", "/me"]);
  });

  it("is told by other services in the challenge", async () => {
    const { client, issuer, page } = await signedIn();
    let refusals = 0;
    issuer.weather = (path) => {
      if (path !== "/other" || refusals++) return undefined;
      return new Response('{"detail":"invalid_token"}', {
        status: 401,
        headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      });
    };
    expect((await client.fetch("/other")).status).toBe(200);
    expect(page.state.phase).toBe("active");
  });

  it.each([
    ["the app's own", json(401, { code: "no", detail: "invalid_token" })],
    ["one without a form", new Response("no", { status: 401 })],
    ["null", json(401, null)],
  ])("is not what any other 401 is about: %s", async (_, answer) => {
    const { client, issuer, page } = await signedIn();
    issuer.weather = () => answer;
    expect((await client.fetch("/me")).status).toBe(401);
    expect(issuer.requests.length).toBe(1);
    expect(page.state.phase).toBe("active");
  });
});

describe("A network that is bad", () => {
  it("loses answers, and the same token gets the same one again", async () => {
    const { time, client, issuer } = await signedIn();
    await time.pass(AGED);
    let lost = 0;
    issuer.weather = (path) => (path === "/token/refresh" && lost++ < 2 ? "lost" : undefined);
    const answer = client.fetch("/me");
    await time.pass(5);
    expect((await answer).status).toBe(200);
    const sent = issuer.requests.flatMap(({ path, body }) => (path === "/token/refresh" ? [body] : []));
    expect(sent).toEqual(Array(3).fill({ refresh_token: "r-0-0" }));
  });

  it.each([
    ["is down", "down" as const],
    ["answers in the server's place", new Response("<h1>Pay here</h1>")],
    ["asks for a password of its own", new Response("no", { status: 401 })],
    ["is too busy", problem(503, "store_unavailable")],
    ["has enough", problem(429, "too_many_attempts")],
    ["cuts the answer short", new Response('{"access_to', { status: 200 })],
  ])("signs nobody out when it %s, and is asked so often only", async (_, weather) => {
    const { time, client, issuer, page } = await signedIn();
    await time.pass(AGED);
    issuer.requests.length = 0;
    issuer.weather = (path) => (path === "/token/refresh" ? weather : undefined);
    const answer = client.fetch("/me").catch((error) => error);
    await time.pass(14);
    expect(await answer).toBeInstanceOf(TypeError);
    expect(issuer.count("/token/refresh")).toBe(4);
    expect(page.state.user?.name).toBe("Ada");
    issuer.weather = undefined;
    expect((await client.fetch("/me")).status).toBe(200);
  });
});

describe("A refusal", () => {
  it("signs out once, and tells everybody why", async () => {
    const { time, client, server, issuer, page } = await signedIn();
    server.change("s1", { ended: "revoked" });
    await time.pass(AGED);
    const answers = await Promise.all([client.fetch("/a"), client.fetch("/b"), client.fetch("/c")]);
    await settle();
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(await answers[0]?.json()).toMatchObject({ code: "revoked", reason: "revoked" });
    expect(page.heard.filter(({ phase }) => phase === "ended")).toHaveLength(1);
    expect(page.state).toMatchObject({ phase: "ended", reason: "revoked", user: null });
    expect(issuer.count("/token/refresh")).toBe(1);
    issuer.requests.length = 0;
    await client.fetch("/me");
    expect(issuer.requests[0]?.headers.get("authorization")).toBeNull();
  });

  it("is what both get when a thief has used the refresh token", async () => {
    const { time, client, issuer, page } = await signedIn();
    const stolen = "r-0-0";
    await time.pass(AGED);
    await client.fetch("/me");
    await time.pass(20);
    expect(issuer.refresh(stolen).status).toBe(401);
    await client.fetch("/me");
    expect(page.state).toMatchObject({ phase: "ended", reason: "token_reused" });
    await page.client.login(ADA);
    expect(page.state.phase).toBe("active");
  });

  it("of what a user may not do, or not without their password, signs nobody out", async () => {
    const { client, issuer, page } = await signedIn();
    for (const code of ["role_required", "reauthentication_required"]) {
      issuer.weather = () => problem(403, code, { reason: code });
      await expect(client.sessions.revokeOthers()).rejects.toMatchObject({ code });
    }
    issuer.weather = undefined;
    expect((await client.sessions.list()).length).toBe(1);
    expect(page.state.phase).toBe("active");
  });

  it("of an access token whose session is over needs no refresh", async () => {
    const { client, server, issuer, page } = await signedIn();
    server.change("s1", { ended: "revoked" });
    await client.fetch("/me");
    expect(issuer.count("/token/refresh")).toBe(0);
    expect(page.state).toMatchObject({ phase: "ended", reason: "revoked" });
  });
});

describe("Signing out", () => {
  it("ends the session on the server, and forgets at once", async () => {
    const { client, server, issuer, page } = await signedIn();
    const done = client.logout();
    await client.fetch("/me");
    expect(issuer.requests.find(({ path }) => path === "/me")?.headers.get("authorization")).toBeNull();
    await done;
    await settle();
    expect(server.get("s1").ended).toBe("logged_out");
    expect(page.state).toMatchObject({ phase: "ended", reason: "logged_out" });
    expect(issuer.count("/logout")).toBe(1);
  });

  it("forgets without a network, and keeps trying to take the tokens back for a while", async () => {
    const { time, client, issuer, page } = await signedIn();
    issuer.weather = () => "down";
    await client.logout();
    await settle();
    expect(page.state).toMatchObject({ phase: "ended", reason: "logged_out" });
    await time.pass(2);
    issuer.weather = undefined;
    await time.pass(10);
    expect(issuer.chains[0]?.gone).toBe(true);
    expect(issuer.refresh("r-0-0").status).toBe(401);
  });

  it("gives up where the network stays away", async () => {
    const { time, client, issuer } = await signedIn();
    issuer.weather = () => "down";
    await client.logout();
    await time.pass(60);
    expect(issuer.count("/revoke")).toBe(4);
  });

  it("works for whoever was not signed in", async () => {
    const time = new Time();
    const page = new Page(time, new Issuer(time));
    await time.pass(3);
    await page.client.logout();
    expect(page.state.user).toBeNull();
  });
});

it("A page without a document's focus is asked for its own visibility", async () => {
  const { time, page, issuer } = await signedIn();
  page.hidden = true;
  page.window.dispatchEvent(new Event("visibilitychange"));
  await time.pass(5);
  expect(issuer.requests).toEqual([]);
  page.hidden = false;
  page.window.dispatchEvent(new Event("visibilitychange"));
  await time.pass(5);
  expect(issuer.count("/session")).toBe(1);
});
