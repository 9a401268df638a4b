"use client";

import type { SessionState } from "@coatcheck/client";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { equal } from "./equal.js";
import { useSessionClient } from "./provider.js";

/** What pages show of a session: nothing in it changes while time passes and the user works. */
export type SessionSummary = Pick<SessionState, "phase" | "user" | "reason" | "stale">;

/**
 * The session, or what `select` picks of it. Renders again only when that value changes: objects and arrays
 * are compared by content.
 */
export function useSession(): SessionSummary;
export function useSession<T>(select: (state: SessionState) => T): T;
export function useSession<T>(
  select: (state: SessionState) => T | SessionSummary = summary,
): T | SessionSummary {
  const { subscribe, getSnapshot, getServerSnapshot } = useSessionClient();
  const shown = useRef<T | SessionSummary>(undefined);
  const [read, readInitial] = useMemo(() => {
    // Selects from each state once, and stays with what is shown while that still says the same.
    const reader = (getState: () => SessionState) => {
      let state: SessionState;
      let value = shown.current as T | SessionSummary;
      return () => {
        const present = getState();
        if (present !== state) {
          state = present;
          const selected = select(state);
          if (!equal(value, selected)) value = selected;
        }
        return value;
      };
    };
    return [reader(getSnapshot), reader(getServerSnapshot)];
  }, [getSnapshot, getServerSnapshot, select]);
  const value = useSyncExternalStore(subscribe, read, readInitial);
  useEffect(() => {
    shown.current = value;
  });
  return value;
}

const summary = ({ phase, user, reason, stale }: SessionState): SessionSummary => ({
  phase,
  user,
  reason,
  stale,
});
