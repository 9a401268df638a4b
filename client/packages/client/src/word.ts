/** What is said of the session, and by whom. It is looked at before it is believed. */
import type { Ended, SessionAnswer, SessionView } from "./wire.js";

/** The server's answer, an event of the live stream, or what another tab passes on of these. */
export type Word = {
  readonly [K in keyof (SessionAnswer & Ended)]?: (SessionAnswer & Ended)[K] | undefined;
} & {
  readonly server_now: string;
};

/** Tells whether a value is a word on the session: who is signed in, that nobody is, or who is no more. */
export const isWord = (value: Partial<Word> | null | undefined): value is Word =>
  Date.parse(value?.server_now ?? "") > 0 &&
  (value?.session ? isView(value.session) : value?.session === null || isText(value?.id));

const isText = (value: unknown) => typeof value === "string";

const isView = ({ id, rev, user, warn_in, idle_expires_in, expires_in, last_seen_at }: SessionView) =>
  // A sum is a number only if all its parts are.
  Number.isFinite(rev + warn_in + idle_expires_in + expires_in) &&
  [id, last_seen_at, user?.id, user?.email, user?.name].every(isText) &&
  Array.isArray(user.roles);
