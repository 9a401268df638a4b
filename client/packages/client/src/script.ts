/** The whole client as one script, `<script src="/auth/client.js" defer></script>`: it sets itself up. */
import { createSessionClient } from "./client.js";
import type { SessionClient } from "./state.js";
import { de } from "./warning/de.js";
import { defineWarning } from "./warning/index.js";

declare global {
  interface Window {
    /** The page's client, for scripts of the page. */
    coatcheck: SessionClient;
  }
}

const { src = "", dataset = {} } = (document.currentScript as HTMLScriptElement | null) ?? {};
// The script lies beside the API.
const {
  basePath = new URL(".", src || location.href).pathname.slice(0, -1),
  warning,
  ...attributes
} = dataset;
const client = createSessionClient({ basePath });
window.coatcheck = client;

const setUp = () => {
  defineWarning();
  const element = document.querySelector("coatcheck-warning") ?? document.createElement("coatcheck-warning");
  // `data-login-path="/enter"` is the element's `login-path="/enter"`.
  for (const [name, value = ""] of Object.entries(attributes))
    element.setAttribute(
      name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`),
      value,
    );
  if (/^de\b/.test(document.documentElement.lang)) element.texts ??= de;
  element.client = client;
  if (!element.isConnected) document.body.append(element);
};

// A page that was left before it heard of its session, and kept for the way back, cannot tell that the session is
// over, nor whose it was. As soon as the server answers, it is for the server to say what this address shows.
let wait = () => {};
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || client.getSnapshot().phase !== "loading") return;
  wait();
  wait = client.subscribe(({ phase }) => {
    if (phase === "loading") return;
    wait();
    location.reload();
  });
});

if (warning === "off") client.subscribe(() => undefined);
else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
else setUp();
