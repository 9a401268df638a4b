// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SessionClient } from "../../src/state.js";
import { warningElement } from "../../src/warning/element.js";
import type { CoatcheckWarning } from "../../src/warning/host.js";
import { FakeClient, WARNING } from "./states.js";

let client: FakeClient;
let element: CoatcheckWarning;
const dialog = () => element.shadowRoot?.querySelector("dialog") as HTMLDialogElement;

beforeEach(() => {
  vi.useFakeTimers();
  if (!customElements.get("test-warning")) customElements.define("test-warning", warningElement());
  client = new FakeClient(WARNING);
  element = document.createElement("test-warning") as CoatcheckWarning;
});

afterEach(() => {
  element.remove();
  vi.useRealTimers();
});

test("it follows the client it is given while it is in a page, and no longer", () => {
  element.client = client as unknown as SessionClient;
  expect(client.listeners.size).toBe(0);
  document.body.append(element);
  expect([client.listeners.size, dialog().open]).toEqual([1, true]);
  element.remove();
  expect([client.listeners.size, dialog().open]).toEqual([0, false]);
  expect(vi.getTimerCount()).toBe(0);
});

test("it follows another client instead of the first, or none", () => {
  const second = new FakeClient();
  document.body.append(element);
  element.client = client as unknown as SessionClient;
  element.client = second as unknown as SessionClient;
  expect([client.listeners.size, second.listeners.size, dialog().open]).toEqual([0, 1, false]);
  expect(element.client).toBe(second);
  element.client = undefined;
  expect(second.listeners.size).toBe(0);
});

test("a client that was set before the element was defined counts", () => {
  const early = document.createElement("late-warning") as CoatcheckWarning;
  early.client = client as unknown as SessionClient;
  early.texts = { soon: "Bald" };
  document.body.append(early);
  customElements.define("late-warning", warningElement());
  customElements.upgrade(early);
  expect(early.shadowRoot?.querySelector("h2")?.textContent).toBe("Bald");
  early.remove();
});
