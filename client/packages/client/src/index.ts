/** Server-side sessions, seen from the page. */
export { createSessionClient } from "./client.js";
export { SessionError } from "./problem.js";
export type {
  ClientOptions,
  Credentials,
  Listener,
  OwnSessions,
  Phase,
  SessionClient,
  SessionRequestInit,
  SessionState,
} from "./state.js";
export type { Reason, SessionAnswer, SessionItem, SessionView, UserView } from "./wire.js";
