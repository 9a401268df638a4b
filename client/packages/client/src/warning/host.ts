import type { SessionClient } from "../state.js";
import type { WarningTexts } from "./texts.js";

/** `<coatcheck-warning>`: give it a client, and it says when the session is about to end, and that it has. */
export interface CoatcheckWarning extends HTMLElement {
  client?: SessionClient | undefined;
  /** Texts in place of the English ones; an attribute such as `text-stay` goes before both. */
  texts?: Partial<WarningTexts> | undefined;
}
