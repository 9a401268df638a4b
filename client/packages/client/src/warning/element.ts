import type { SessionClient } from "../state.js";
import { warningDialog } from "./dialog.js";
import type { CoatcheckWarning } from "./host.js";
import type { WarningTexts } from "./texts.js";

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
