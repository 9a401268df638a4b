/** Asking the Coatcheck server, in the name of whoever asked us. */
import type { SessionAnswer } from "@coatcheck/client";

/** Where it listens: on an address that nobody outside can reach. */
const API = () => process.env.COATCHECK_API ?? "http://127.0.0.1:8000";

/** Says that a proxy of ours stands in front and writes `X-Forwarded-*` anew; otherwise clients write them. */
const hasEdge = () => process.env.COATCHECK_EDGE === "1";

const FROM_EDGE = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"];
const FROM_ANYBODY = ["x-forwarded-port", "x-real-ip", "forwarded"];

export const address = (path: string) => new URL(path, API());

/** The fields of a request as Coatcheck may believe them: the client's address only from our own proxy. */
export const believable = (incoming: Headers): Headers => {
  const headers = new Headers(incoming);
  for (const name of hasEdge() ? FROM_ANYBODY : [...FROM_ANYBODY, ...FROM_EDGE]) headers.delete(name);
  return headers;
};

// Whose session it is, from where, and whether a page of ours asked.
const PASSED_ON = ["cookie", "user-agent", "origin", "sec-fetch-site", ...FROM_EDGE];

/** Calls the server with the session of an incoming request. */
export const call = async (path: string, incoming: Headers, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  const told = believable(incoming);
  for (const name of PASSED_ON) if (told.has(name)) headers.set(name, told.get(name) as string);
  const signal = AbortSignal.timeout(5000);
  return fetch(address(path), { ...init, headers, signal, cache: "no-store", redirect: "manual" });
};

/** The server cannot say who is signed in. That makes nobody a visitor. */
export class Unavailable extends Error {}

/** Asks how the session of a request stands. It is never activity: a person is, and the page reports that. */
export const peek = async (incoming: Headers): Promise<{ answer: SessionAnswer; cookies: string[] }> => {
  const response = await call("/auth/session", incoming).catch(() => undefined);
  if (!response?.ok) throw new Unavailable(`GET /auth/session: ${response?.status ?? "no answer"}`);
  return { answer: await response.json(), cookies: response.headers.getSetCookie() };
};
