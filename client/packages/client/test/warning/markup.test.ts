// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { markup } from "../../src/warning/markup.js";

let host: HTMLElement;
let parts: ReturnType<typeof markup>;

beforeEach(() => {
  host = document.createElement("div");
  parts = markup(host);
});

test("it is an alert dialog, named by its title and described by its text and the time", () => {
  const { dialog } = parts;
  expect(dialog.getAttribute("role")).toBe("alertdialog");
  const texts = (attribute: string) =>
    dialog
      .getAttribute(attribute)
      ?.split(" ")
      .map((id) => host.shadowRoot?.getElementById(id));
  expect(texts("aria-labelledby")).toEqual([parts.title]);
  expect(texts("aria-describedby")).toEqual([parts.text, parts.status]);
});

test("what changes is announced politely, and the ticking clock never", () => {
  expect([parts.text, parts.status].map((part) => part.getAttribute("role"))).toEqual(["status", "status"]);
  expect(parts.countdown.getAttributeNames()).toEqual(["id", "part"]);
});

test("every element can be styled from the page, as a part of its own", () => {
  const all = [...(host.shadowRoot?.querySelectorAll("*") ?? [])];
  expect(all.map((element) => element.getAttribute("part"))).toEqual(Object.keys(parts));
});

test("the buttons come in the order in which they are offered", () => {
  expect([...parts.dialog.querySelectorAll("button")]).toEqual([parts.primary, parts.secondary]);
});
