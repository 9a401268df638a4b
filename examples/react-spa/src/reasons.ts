import type { Reason } from "@coatcheck/client";

const WORDS: Partial<Record<Reason, string>> = {
  idle_timeout: "You were signed out because nothing happened here for a while.",
  absolute_timeout: "Your session reached its time limit. Please sign in again.",
  logged_out: "You are signed out.",
  revoked: "Your session was ended on another device.",
  token_reused: "Your session was ended because somebody may have copied it. Please change your password.",
};

/** Why somebody sees the form: what this page heard, or what the server wrote into the address. */
export function wordsFor(reason: Reason | null): string | undefined {
  const told = new URLSearchParams(location.search).get("reason");
  return WORDS[reason ?? "no_session"] ?? WORDS[told as Reason];
}
