import { describe, expect, it } from "vitest";
import { IDLE, WARNING } from "./server.js";
import { settle, type Tab, world } from "./world.js";

const noop = () => undefined;

/** Open pages, one of them looked at. */
const pages = async (count: number, options: { locks?: boolean } = {}) => {
  const made = world();
  const tabs = Array.from({ length: count }, (_, index) => {
    const tab = made.browser.tab(options);
    tab.document.hidden = index > 0;
    tab.client.subscribe(noop);
    return tab;
  });
  await made.time.pass(10);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  return { ...made, tabs, first, second, third, id: made.browser.cookie ?? "" };
};

const phases = (tabs: Tab[]) => tabs.map(({ state }) => state.phase);

describe("Tabs of one browser", () => {
  it("stay alive together while a person works in one of them", async () => {
    const { time, tabs, first } = await pages(3);
    for (let spent = 0; spent < 2 * IDLE; spent += 20) {
      first.input();
      await time.pass(20);
      expect(phases(tabs)).toEqual(["active", "active", "active"]);
    }
  });

  it("warn together, and stop warning together once a person stays, in whichever tab", async () => {
    const { time, tabs, third } = await pages(3);
    await time.pass(IDLE - WARNING);
    expect(phases(tabs)).toEqual(["warning", "warning", "warning"]);
    await third.client.extend();
    await settle();
    expect(phases(tabs)).toEqual(["active", "active", "active"]);
  });

  it("end together when one of them signs out, the acting one included", async () => {
    const { tabs, second } = await pages(3);
    await second.client.logout();
    await settle();
    expect(phases(tabs)).toEqual(["ended", "ended", "ended"]);
    expect(tabs.map(({ state }) => state.reason)).toEqual(["logged_out", "logged_out", "logged_out"]);
  });

  it("learn of a sign-in in one of them", async () => {
    const { tabs, first, second } = await pages(2);
    await first.client.logout();
    await second.client.login({ email: "ada@example.test", password: "right" });
    await settle();
    expect(tabs.map(({ state }) => state.session?.id)).toEqual(["s2", "s2"]);
  });

  it("learn within a moment that another device has ended the session", async () => {
    const { server, tabs, id } = await pages(3);
    server.change(id, { ended: "revoked" });
    await settle();
    expect(phases(tabs)).toEqual(["ended", "ended", "ended"]);
    expect(server.streams).toEqual([]);
  });

  it("learn of a change that was made elsewhere", async () => {
    const { server, tabs, id } = await pages(2);
    server.change(id, { roles: ["user", "admin"] });
    await settle();
    expect(tabs.map(({ state }) => state.user?.roles.length)).toEqual([2, 2]);
  });

  it("hold one stream, and pass it on", async () => {
    const { time, server, tabs, first } = await pages(10);
    expect(server.streams.length).toBe(1);
    expect(server.count("/events")).toBe(1);
    first.window.dispatchEvent(new Event("pagehide"));
    await time.pass(1);
    expect(server.streams.length).toBe(1);
    expect(server.count("/events")).toBe(2);
    server.change("s1", { ended: "revoked" });
    await settle();
    expect(phases(tabs.slice(1))).toEqual(Array(9).fill("ended"));
  });

  it("ask a bounded number of times, however many they are", async () => {
    const { time, server } = await pages(10);
    expect(server.count("/session")).toBe(10);
    await time.pass(IDLE - WARNING);
    expect(server.count("/session")).toBe(11);
    await time.pass(WARNING + 10);
    expect(server.count("/session")).toBeLessThan(20);
  });

  it("report what a person does at most once per interval in all, by the tab where it happened last", async () => {
    const { time, server, first, second } = await pages(2);
    for (let spent = 0; spent < 600; spent += 10) {
      (spent % 50 ? first : second).input();
      await time.pass(10);
    }
    expect(server.count("/session/touch")).toBeLessThanOrEqual(10);
    expect(server.count("/session/touch")).toBeGreaterThanOrEqual(9);
  });

  it("say nothing that is a secret, and never tell each other to ask", async () => {
    const { browser, first } = await pages(1);
    const said: unknown[] = [];
    first.script().onmessage = ({ data }) => said.push(data);
    await first.client.refresh();
    await first.client.extend();
    await first.client.logout();
    await settle();
    expect(said.length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(said)).not.toContain("csrf");
    expect(browser.channels.size).toBe(1);
  });
});
