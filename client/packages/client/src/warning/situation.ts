import type { SessionState } from "../state.js";

/** What the person is told: nothing, that the session is about to end and why, or that it has. */
export type Situation = "" | "idle_timeout" | "absolute_timeout" | "ended";

/**
 * Judge a state.
 *
 * @param before what was told until now
 * @param seen id of the user whose session was alive on this page: what is on the page is theirs
 */
export const situationOf = (
  { phase, user, extendable }: SessionState,
  before: Situation,
  seen: string | undefined,
): Situation => {
  if (phase === "loading") return before;
  // Nobody, or somebody else who has signed in meanwhile: the page behind stays hidden from them.
  if (seen && user?.id !== seen) return "ended";
  if (phase !== "warning") return "";
  return extendable ? "idle_timeout" : "absolute_timeout";
};
