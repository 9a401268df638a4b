"use client";

import type { SessionClient, SessionState } from "@coatcheck/client";
import { useCallback, useSyncExternalStore } from "react";
import { useSessionClient } from "./provider.js";
import { useSession } from "./use-session.js";

/** What a warning needs. */
export interface SessionExpiration {
  /**
   * `active` means that there is nothing to warn of, whether anybody is signed in or not; so it is in what a server
   * renders.
   */
  readonly state: "active" | "warning" | "ended";
  /** Whole seconds, 0 once the session has ended; null while there is nothing to warn of. */
  readonly secondsLeft: number | null;
  /** False where the absolute deadline is what is near: then nothing but signing in again helps. */
  readonly extendable: boolean;
  /** Stays signed in: resolves after the server's yes, rejects with a `SessionError`. */
  readonly extend: SessionClient["extend"];
  readonly signOut: SessionClient["logout"];
}

const LOOK_EVERY = 250; // ms, so that a new second is shown at most a quarter late

/** How long the session has left. Ticks only while the warning is open and the page can be seen. */
export function useSessionExpiration(): SessionExpiration {
  const client = useSessionClient();
  const { phase, extendable } = useSession(standing);
  const subscribe = useCallback(
    (look: () => void) => {
      const timer = phase === "warning" ? setInterval(() => document.hidden || look(), LOOK_EVERY) : 0;
      return () => clearInterval(timer);
    },
    [phase],
  );
  const secondsLeft = useSyncExternalStore(
    subscribe,
    () => (phase === "warning" ? Math.ceil(client.secondsLeft()) : phase === "ended" ? 0 : null),
    () => null,
  );
  const state = secondsLeft === null ? "active" : (phase as "warning" | "ended");
  return { state, secondsLeft, extendable, extend: client.extend, signOut: client.logout };
}

const standing = ({ phase, extendable }: SessionState) => ({ phase, extendable });
