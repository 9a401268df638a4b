import type { Reason } from "../wire.js";

/** English, which every other language falls back on. */
export const en = {
  soon: "You will be signed out soon",
  ended: "You have been signed out",
  idle_timeout: "Nothing has happened here for a while.",
  absolute_timeout: "Your session has reached its time limit and cannot be extended.",
  left: "{} left",
  failed: "That did not work. Please try again.",
  stay: "Stay signed in",
  leave: "Sign out",
  later: "Continue for now",
  again: "Sign in again",
};

/**
 * What the dialog says. `lang` is the language it says it in, `{}` in `left` stands for the time, and a reason tells
 * why the session ends or has ended.
 */
export type WarningTexts = typeof en & Partial<Record<Reason | "lang", string>>;
