import type { SessionClient } from "../state.js";
import { clockFace, inWords } from "./countdown.js";
import type { CoatcheckWarning } from "./host.js";
import { markup } from "./markup.js";
import { type Situation, situationOf } from "./situation.js";
import { en, type WarningTexts } from "./texts.js";

/** Build the dialog of `host`. The result follows a client from then on, or none. */
export const warningDialog = (host: CoatcheckWarning): ((client?: SessionClient) => void) => {
  const { dialog, title, text, countdown, status, primary, secondary } = markup(host);
  let client: SessionClient | undefined;
  let unsubscribe: (() => void) | undefined;
  let situation: Situation = "";
  let seen: string | undefined; // the user whose session was alive on this page
  let open = false;
  let prefix = "";
  let timer = 0;

  const say = (part: HTMLElement, key: keyof WarningTexts, time = "") => {
    const own = host.getAttribute(`text-${key}`) ?? host.texts?.[key];
    const words = (own ?? (en as Partial<WarningTexts>)[key] ?? "").replace("{}", time);
    // The same words once more would be announced once more.
    if (part.textContent !== words) part.textContent = words;
  };

  const setPrefix = (next: string) => {
    document.title = next + document.title.replace(prefix, "");
    prefix = next;
  };

  const tick = () => {
    clearTimeout(timer);
    const left = client?.secondsLeft() ?? 0;
    const warns = situation && situation !== "ended";
    setPrefix(warns ? `(${clockFace(left)})\u00a0` : "");
    if (!warns) return;
    countdown.textContent = clockFace(left);
    say(status, "left", inWords(left, dialog.lang));
    timer = setTimeout(tick, (left % 1 || 1) * 1000);
  };

  const update = () => {
    const state = client?.getSnapshot();
    const before = situation;
    situation = state ? situationOf(state, before, seen) : "";
    seen ??= state?.user?.id;
    if (situation === before) return;
    const ended = situation === "ended";
    const idle = situation === "idle_timeout";
    if (ended || !before)
      host.dispatchEvent(new CustomEvent("coatcheck:save", { bubbles: true, detail: { userId: seen } }));
    dialog.className = situation;
    dialog.lang = host.texts?.lang ?? "en";
    countdown.hidden = status.hidden = secondary.hidden = ended;
    say(title, ended ? "ended" : "soon");
    say(text, (ended ? state?.reason : situation) || "logged_out");
    say(primary, ended ? "again" : idle ? "stay" : "later");
    say(secondary, idle ? "leave" : "again");
    tick();
    show(!!situation);
    // Who is not idle may be typing: the next space must not press a button.
    if (!idle) dialog.focus();
  };

  const login = () => {
    const next = encodeURIComponent(location.pathname + location.search);
    const reason = client?.getSnapshot().reason ?? "";
    location.href = `${host.getAttribute("login-path") ?? "/login"}?next=${next}&reason=${reason}`;
  };

  const fail = () => {
    text.textContent = "";
    say(text, "failed");
  };

  const show = (shown: boolean) => {
    open = shown;
    dialog.close();
    if (open) dialog.showModal();
  };

  primary.onclick = dialog.oncancel = (event) => {
    event.preventDefault();
    if (situation === "ended") login();
    else if (situation === "idle_timeout") client?.extend().catch(fail);
    else show(false);
  };
  secondary.onclick = () => client?.logout().then(login, fail);
  // Also when a gesture of the platform has closed it: it stays until it is answered.
  dialog.onclose = () => open && !dialog.open && dialog.showModal();

  return (next) => {
    unsubscribe?.();
    client = next;
    unsubscribe = client?.subscribe(update);
    update();
  };
};
