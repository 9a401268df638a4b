// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { markup } from "../../src/warning/markup.js";
import { sheet } from "../../src/warning/style.js";

const css = () => [...sheet().cssRules].map((rule) => rule.cssText).join("\n");

test("it needs no style element, which a page's policy may forbid", () => {
  const host = document.createElement("div");
  markup(host);
  expect(host.shadowRoot?.adoptedStyleSheets).toHaveLength(1);
  expect(host.shadowRoot?.querySelector("style, [style]")).toBeNull();
});

test("nothing in it moves, so nobody has to ask for less motion", () => {
  expect(css()).not.toMatch(/transition|animation|scroll-behavior/);
});

test("it follows the light or dark of the page's own choice", () => {
  expect(css()).toMatch(/color-scheme: light dark/);
});

test("each colour that it uses is one of those that a page can replace, or follows from the scheme", () => {
  const declared = css().match(/--[\w-]+(?=:)/g);
  const used = new Set(css().match(/(?<=var\()--[\w-]+/g));
  expect([...used].sort()).toEqual(declared?.sort());
});
