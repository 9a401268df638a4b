/** What a sign-in hands out: an access token for some minutes, and a refresh token for the next one. */
import type { TokensAnswer } from "../wire.js";

export interface Grant {
  /** The session it hangs on. */
  readonly session: string | undefined;
  access: string;
  refresh: string;
  /** Tells whether the access token's end is near. */
  isOld(): boolean;
  /** The exchange that is under way, for all who wait for it. */
  renewing?: Promise<void> | undefined;
  /** What the server said when it gave no more tokens. */
  refusal?: object;
}

// So many seconds before its end a token is renewed; halfway where it lives less than a minute.
const LEAD = 30;

/**
 * Puts tokens into a grant. Where no refresh token came, the one before goes on.
 *
 * @param age seconds since a moment before they were issued
 */
export const hold = (grant: Partial<Grant>, tokens: TokensAnswer, age: () => number): Grant => {
  const life = tokens.expires_in - Math.min(LEAD, tokens.expires_in / 2);
  return Object.assign(grant as Grant, {
    access: tokens.access_token,
    refresh: tokens.refresh_token ?? grant.refresh,
    isOld: () => age() >= life,
  });
};
