// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { defineWarning } from "../../src/warning/index.js";

test("it defines the element, and may be asked to twice", () => {
  defineWarning();
  defineWarning();
  expect(document.createElement("coatcheck-warning").shadowRoot).not.toBeNull();
});

test("where there is no document nothing happens", () => {
  vi.stubGlobal("customElements", undefined);
  expect(defineWarning).not.toThrow();
  vi.unstubAllGlobals();
});
