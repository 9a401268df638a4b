/** The client for pages of other origins, and for web views: tokens in memory in place of a cookie. */
import { createSessionClient } from "../client.js";
import type { SessionClient } from "../state.js";
import { bearing } from "./bearing.js";
import { abroad, type BearerSurroundings } from "./surroundings.js";

/** How a client that bears tokens is made. */
export interface BearerOptions {
  /** Where the HTTP API is: `https://api.shop.example/auth`. */
  readonly baseUrl: string;
}

/**
 * Makes a client that signs in for tokens. It is used as the one of `createSessionClient` is.
 *
 * @param env the page around it; tests bring their own
 */
export const createBearerClient = (
  { baseUrl }: BearerOptions,
  env: BearerSurroundings = globalThis as unknown as BearerSurroundings,
): SessionClient => createSessionClient({ basePath: baseUrl }, abroad(baseUrl, bearing(baseUrl, env), env));

export { SessionError } from "../problem.js";
