/** What is said of the session, and by whom. It is looked at before it is believed. */
import type { Ended, SessionAnswer, SessionView } from "./wire.js";

type Said = SessionAnswer & Ended;

/** The server's answer, an event of the live stream, or what another tab passes on of these. */
export type Word = { readonly [K in Exclude<keyof Said, "server_now">]?: Said[K] | undefined } & {
  /** As the server writes it, or in milliseconds since the epoch. */
  readonly server_now: string | number;
};

/** Tells whether a value is a word on the session: who is signed in, that nobody is, or who is no more. */
export const isWord = (value: unknown): value is Word => {
  const { server_now, session, id } = Object(value);
  return +new Date(server_now) > 0 && (session ? isView(session) : session === null || isText(id));
};

const isText = (value: unknown) => typeof value === "string";

const isView = ({ id, rev, user, warn_in, idle_expires_in, expires_in }: SessionView) =>
  // A sum is a number only if all its parts are.
  Number.isFinite(rev + warn_in + idle_expires_in + expires_in) &&
  [id, user?.id, user?.email, user?.name].every(isText) &&
  Array.isArray(user.roles);
