/** `<coatcheck-warning>`, an accessible warning before a session ends: no framework, no dependency. */
import { warningElement } from "./element.js";
import type { CoatcheckWarning } from "./host.js";

export type { CoatcheckWarning } from "./host.js";
export type { WarningTexts } from "./texts.js";

/** Define the element, once; where there is no document (a server that renders pages) nothing happens. */
export const defineWarning = (): void => {
  const registry = globalThis.customElements;
  if (!registry?.get("coatcheck-warning")) registry?.define("coatcheck-warning", warningElement());
};

declare global {
  interface HTMLElementTagNameMap {
    "coatcheck-warning": CoatcheckWarning;
  }
  interface GlobalEventHandlersEventMap {
    /** Keep what was typed: the session of this user ends soon, or has. */
    "coatcheck:save": CustomEvent<{ userId: string }>;
  }
}
