/** The session of the request that is being rendered: every page and every action asks here, and not the proxy. */
import "server-only";
import type { SessionAnswer, UserView } from "@coatcheck/client";
import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import { peek } from "./coatcheck";
import { loginAddress } from "./next";
import { roleFor } from "./rules";

/**
 * How the session stands; asked once for a rendering, however many components want to know.
 *
 * By the cookie that the browser sent, taken from the field itself. `cookies()` may show what `proxy.ts` has just
 * set: the next token, which counts as arrived as soon as anybody uses it, so only the browser may.
 */
export const getSession = cache(async (): Promise<SessionAnswer> => (await peek(await headers())).answer);

/** Who is signed in. A visitor is sent to sign in, and back to `path`; who lacks its role gets 403. */
export const requireUser = async (path: string): Promise<UserView> => {
  const { session, reason } = await getSession();
  if (!session) redirect(loginAddress(path, reason));
  const role = roleFor(path);
  if (role && !session.user.roles.includes(role)) forbidden();
  return session.user;
};
