"use client";

import { createSessionClient, type SessionAnswer, type SessionClient } from "@coatcheck/client";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";

const SessionContext = createContext<SessionClient | null>(null);

export interface SessionProviderProps {
  /** A client of your own making, where code outside of React uses it too. */
  readonly client?: SessionClient | undefined;
  /** Where the HTTP API is, for the client that the provider makes otherwise: `/auth` by default. */
  readonly basePath?: string | undefined;
  /** What `GET /auth/session` would answer, for pages that a server renders. */
  readonly initial?: SessionAnswer | undefined;
  readonly children?: ReactNode;
}

/** Gives the hooks below it a session, and keeps that session in step with the server while it is mounted. */
export function SessionProvider({ client, basePath, initial, children }: SessionProviderProps): ReactNode {
  const provided = useMemo(
    () => client ?? createSessionClient({ basePath, initial }),
    // A later `initial` is older than what the client knows by then.
    [client, basePath],
  );
  // Pages without a hook need the warning, the other tabs and the live stream as well.
  useEffect(() => provided.subscribe(() => undefined), [provided]);
  return <SessionContext.Provider value={provided}>{children}</SessionContext.Provider>;
}

/** The client of the nearest `SessionProvider`: `login`, `logout`, `fetch`, `sessions` and the rest. */
export function useSessionClient(): SessionClient {
  const client = useContext(SessionContext);
  if (!client) throw new Error("No <SessionProvider> above");
  return client;
}
