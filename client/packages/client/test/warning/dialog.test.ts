// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SessionClient, SessionState } from "../../src/state.js";
import { de } from "../../src/warning/de.js";
import { warningDialog } from "../../src/warning/dialog.js";
import type { CoatcheckWarning } from "../../src/warning/host.js";
import { ACTIVE, ENDED, FakeClient, GRACE, LIMIT, NOBODY, WARNING } from "./states.js";

let host: CoatcheckWarning;
let client: FakeClient;
let saved: unknown[];
const part = (id: string) => host.shadowRoot?.getElementById(id) as HTMLElement;
const dialog = () => part("dialog") as HTMLDialogElement;
const shown = () =>
  ["title", "text", "primary", "secondary"].map((id) => part(id).hidden || part(id).textContent);

function follow(state: SessionState = ACTIVE): (client?: SessionClient) => void {
  client = new FakeClient(state);
  const follow = warningDialog(host);
  follow(client as unknown as SessionClient);
  return follow;
}

async function press(what: "primary" | "secondary" | "Escape"): Promise<Event> {
  const event = new Event("cancel", { cancelable: true });
  if (what === "Escape") dialog().dispatchEvent(event);
  else part(what).click();
  await vi.advanceTimersByTimeAsync(0);
  return event;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { pathname: "/orders", search: "?page=2", href: "" });
  document.title = "Orders";
  host = document.createElement("div");
  document.body.replaceChildren(host);
  saved = [];
  host.addEventListener("coatcheck:save", (event) => saved.push(event.detail));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("nothing is shown while the session is active", () => {
  follow();
  expect([dialog().open, document.title, vi.getTimerCount()]).toEqual([false, "Orders", 0]);
});

test("before the idle deadline it asks whether to stay, and says how long there is", () => {
  follow();
  client.tell(WARNING);
  expect(dialog().open).toBe(true);
  expect(shown()).toEqual([
    "You will be signed out soon",
    "Nothing has happened here for a while.",
    "Stay signed in",
    "Sign out",
  ]);
  expect([part("countdown").textContent, part("status").textContent]).toEqual(["1:32", "2 minutes left"]);
});

test("the clock and the page's title tick each second, by the client's clock", () => {
  follow(WARNING);
  expect(document.title).toBe("(1:32)\u00a0Orders");
  client.left = 90.4; // the timer was late
  vi.advanceTimersByTime(1000);
  expect([part("countdown").textContent, document.title]).toEqual(["1:31", "(1:31)\u00a0Orders"]);
  client.left = 90;
  vi.advanceTimersByTime(400);
  expect(part("countdown").textContent).toBe("1:30");
});

test("what is announced changes four times in two minutes", () => {
  follow(WARNING);
  const announced = new Set<Node | null>();
  for (client.left = 120; client.left; client.left -= 1) {
    vi.advanceTimersByTime(1000);
    announced.add(part("status").firstChild);
  }
  expect([...announced].map((words) => words?.textContent)).toEqual([
    "2 minutes left",
    "1 minute left",
    "40 seconds left",
    "20 seconds left",
  ]);
});

test("a page that names itself anew keeps its new name", () => {
  follow(WARNING);
  document.title = "Order 17";
  client.left = 91;
  vi.advanceTimersByTime(1000);
  expect(document.title).toBe("(1:31)\u00a0Order 17");
  client.tell(ACTIVE);
  expect(document.title).toBe("Order 17");
});

test.each(["primary", "Escape"] as const)(
  "%s stays signed in, and closes it once the server has said yes",
  async (key) => {
    follow(WARNING);
    const extend = vi.spyOn(client, "extend");
    const event = await press(key);
    expect(extend).toHaveBeenCalledTimes(1);
    expect([dialog().open, vi.getTimerCount(), event.defaultPrevented]).toEqual([false, 0, key === "Escape"]);
  },
);

test("a server that does not answer is told, each time, and the dialog stays", async () => {
  follow(WARNING);
  vi.spyOn(client, "extend").mockRejectedValue(new Error("no answer"));
  await press("primary");
  expect([dialog().open, part("text").textContent]).toEqual([true, "That did not work. Please try again."]);
  const before = part("text").firstChild;
  await press("primary");
  expect(part("text").firstChild).not.toBe(before);
});

test("somebody who stays in another tab closes it here", () => {
  follow(WARNING);
  client.tell(ACTIVE);
  expect([dialog().open, document.title]).toEqual([false, "Orders"]);
});

test("signing out leads to the login and back here", async () => {
  follow(WARNING);
  await press("secondary");
  expect(location.href).toBe("/login?next=%2Forders%3Fpage%3D2&reason=logged_out");
});

test("signing out that fails is told too", async () => {
  follow(WARNING);
  vi.spyOn(client, "logout").mockRejectedValue(new Error("no answer"));
  await press("secondary");
  expect(part("text").textContent).toBe("That did not work. Please try again.");
  expect(location.href).toBe("");
});

test("before the time limit it offers only what can be had", async () => {
  follow(LIMIT);
  const extend = vi.spyOn(client, "extend");
  expect(shown()).toEqual([
    "You will be signed out soon",
    "Your session has reached its time limit and cannot be extended.",
    "Continue for now",
    "Sign in again",
  ]);
  await press("Escape");
  expect([dialog().open, extend.mock.calls.length, document.title]).toEqual([false, 0, "(1:32)\u00a0Orders"]);
  client.tell({ ...LIMIT, stale: true });
  expect(dialog().open).toBe(false);
  client.tell(ENDED);
  expect(dialog().open).toBe(true);
});

test("a space that was meant for the text presses nothing, once the time limit interrupts", () => {
  follow(LIMIT);
  expect(host.shadowRoot?.activeElement).toBe(dialog());
});

test("an end is told with its reason, hides the page and leads to the login", async () => {
  follow();
  client.tell({ ...ENDED, reason: "idle_timeout" });
  expect(shown()).toEqual([
    "You have been signed out",
    "Nothing has happened here for a while.",
    "Sign in again",
    true,
  ]);
  expect([dialog().className, part("countdown").hidden, document.title]).toEqual(["ended", true, "Orders"]);
  await press("primary");
  expect(location.href).toBe("/login?next=%2Forders%3Fpage%3D2&reason=idle_timeout");
});

test("an end without words of its own shows its title alone", () => {
  follow();
  client.tell(ENDED);
  expect(part("text").textContent).toBe("");
});

test("the login may be elsewhere on the site", async () => {
  host.setAttribute("login-path", "/account/enter");
  follow();
  client.tell(NOBODY);
  await press("Escape");
  expect(location.href).toMatch(/^\/account\/enter\?/);
});

test("it comes back when the platform closes it without an answer", () => {
  follow(WARNING);
  dialog().close();
  expect(dialog().open).toBe(true);
});

test("the page is asked to save when the warning opens and when the session ends, for whom it was", () => {
  follow(WARNING);
  client.tell(ACTIVE);
  client.tell(ENDED);
  client.tell(NOBODY);
  expect(saved).toEqual([{ userId: "ada" }, { userId: "ada" }]);
});

test("the page stays hidden from whoever signs in next, and comes back for its own user", () => {
  follow();
  client.tell(ENDED);
  client.tell(GRACE);
  expect([dialog().open, dialog().className, part("text").textContent]).toEqual([true, "ended", ""]);
  client.tell(ACTIVE);
  expect(dialog().open).toBe(false);
});

test("texts come from attributes, from a property, and in English", () => {
  host.texts = { stay: "Go on", leave: "Good bye" };
  host.setAttribute("text-stay", "Bleiben");
  follow(WARNING);
  expect(shown().slice(1)).toEqual(["Nothing has happened here for a while.", "Bleiben", "Good bye"]);
});

test("a reason may have words of one's own", () => {
  host.texts = { revoked: "Ended on another device." };
  follow();
  client.tell(ENDED);
  expect(part("text").textContent).toBe("Ended on another device.");
});

test("German is German throughout", () => {
  host.texts = de;
  follow(WARNING);
  expect([dialog().lang, part("status").textContent]).toEqual(["de", "Noch 2 Minuten"]);
  expect(shown()).toEqual([
    "Sie werden bald abgemeldet",
    "Hier ist seit einer Weile nichts geschehen.",
    "Angemeldet bleiben",
    "Abmelden",
  ]);
});

test("without a client it is closed, and leaves the page as it was", () => {
  const follows = follow(WARNING);
  follows();
  expect([dialog().open, document.title, client.listeners.size, vi.getTimerCount()]).toEqual([
    false,
    "Orders",
    0,
    0,
  ]);
});
