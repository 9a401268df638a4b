/**
 * What the server says, word for word.
 * Written by `npm run wire` from client/schema/wire.json, which the Python side writes: change it there.
 */

export type Wire =
  SessionAnswer | Ended | SessionsAnswer | RevokedAnswer | TokensAnswer | BearerAnswer | Problem;
/**
 * A stable code. The same word everywhere (protocol.md section 5). `MOVED` alone is none that anybody is told: it marks a session that lives on in another store.
 */
export type Reason =
  | "absolute_timeout"
  | "evicted"
  | "idle_timeout"
  | "logged_out"
  | "moved"
  | "no_session"
  | "reauthentication_required"
  | "revoked"
  | "role_required"
  | "superseded"
  | "token_reused"
  | "unknown_token"
  | "user_disabled";

/**
 * How the session stands, at a moment of the server's clock.
 */
export interface SessionAnswer {
  session: SessionView | null;
  server_now: string;
  csrf_token?: string;
  reason?: Reason;
  support_code?: string;
}
/**
 * A session as its own user sees it; durations, in seconds, drive a client. `actor` is there where an operator looks at the app as the user: the operator's user id.
 */
export interface SessionView {
  id: string;
  rev: number;
  user: UserView;
  created_at: string;
  authenticated_at: string;
  last_seen_at: string;
  idle_expires_in: number;
  expires_in: number;
  warn_in: number;
  remember: boolean;
  amr: string[];
  data: {
    [k: string]: unknown;
  };
  actor?: string;
}
/**
 * Who is signed in.
 */
export interface UserView {
  id: string;
  email: string;
  name: string;
  roles: string[];
}
/**
 * The live stream's last word: this session is over.
 */
export interface Ended {
  id: string;
  reason: Reason;
  server_now: string;
}
/**
 * One's own sessions.
 */
export interface SessionsAnswer {
  sessions: SessionItem[];
}
/**
 * One of one's own sessions.
 */
export interface SessionItem {
  id: string;
  current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  device: DeviceView;
}
/**
 * Where a session was begun.
 */
export interface DeviceView {
  label: string;
  ip: string;
}
/**
 * How many sessions were ended.
 */
export interface RevokedAnswer {
  revoked: number;
}
/**
 * Tokens, named as in RFC 6749 5.1; times in seconds. Without a refresh token the one before goes on.
 */
export interface TokensAnswer {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  refresh_token?: string;
  refresh_expires_in?: number;
}
/**
 * How the session stands after a sign-in, or a proof of the password, for tokens.
 */
export interface BearerAnswer {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  refresh_token?: string;
  refresh_expires_in?: number;
  session: SessionView | null;
  server_now: string;
}
/**
 * What went wrong (RFC 9457); `code` is stable, `title` is a sentence for a person.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  reason?: Reason;
  support_code?: string;
  retry_after?: number;
}
