"use client";

import type { Listener } from "@coatcheck/client";
import { useEffect } from "react";
import { useSessionClient } from "./provider.js";

/**
 * Calls back when anything about the session changes, in this tab, in another or on the server; renders nothing
 * again. Where `previous.user` is there and `state.user` is not, the session is over, and `previous` tells whose it
 * was.
 */
export function useSessionSync(listener: Listener): void {
  const { subscribe } = useSessionClient();
  useEffect(() => subscribe(listener), [subscribe, listener]);
}
