/**
 * What the server says, word for word.
 * Written from client/schema/wire.json, which the Python side writes: change it there.
 */

/** Why there is no session, or why the one there is was not enough. */
export type Reason =
  | "no_session"
  | "unknown_token"
  | "superseded"
  | "idle_timeout"
  | "absolute_timeout"
  | "logged_out"
  | "revoked"
  | "evicted"
  | "token_reused"
  | "user_disabled"
  | "role_required"
  | "reauthentication_required";

export interface UserView {
  id: string;
  email: string;
  name: string;
  roles: string[];
}

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
}

export interface SessionAnswer {
  session: SessionView | null;
  server_now: string;
  csrf_token?: string;
  reason?: Reason;
}

export interface DeviceView {
  label: string;
  ip: string;
}

export interface SessionItem {
  id: string;
  current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  device: DeviceView;
}

export interface SessionsAnswer {
  sessions: SessionItem[];
}

export interface RevokedAnswer {
  revoked: number;
}

export interface Ended {
  id: string;
  reason: Reason;
  server_now: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  reason?: Reason;
  retry_after?: number;
  support_code?: string;
}
