import type { SessionClient } from "../state.js";
import { warningDialog } from "./dialog.js";
import type { WarningTexts } from "./texts.js";

/** `<coatcheck-warning>`: give it a client, and it says when the session is about to end, and that it has. */
export interface CoatcheckWarning extends HTMLElement {
  client?: SessionClient | undefined;
  /** Texts in place of the English ones; an attribute such as `text-stay` goes before both. */
  texts?: Partial<WarningTexts> | undefined;
}

/** Make the class: only when asked to, as a server that renders pages has no `HTMLElement`. */
export const warningElement = (): (new () => CoatcheckWarning) =>
  class extends HTMLElement {
    declare texts?: Partial<WarningTexts>;
    #client: SessionClient | undefined;
    #follow = warningDialog(this);

    get client(): SessionClient | undefined {
      return this.#client;
    }

    set client(client) {
      this.#client = client;
      this.#follow(this.isConnected ? client : undefined);
    }

    connectedCallback(): void {
      // What was set before the element was defined stands in the way of the accessors.
      const { client } = this;
      delete (this as CoatcheckWarning).client;
      this.client = client;
    }

    disconnectedCallback(): void {
      this.#follow();
    }
  };
