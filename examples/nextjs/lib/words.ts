/** The words behind the codes that Coatcheck puts into an address. */

const REASONS: Record<string, string> = {
  idle_timeout: "You were signed out because nothing happened for a while.",
  absolute_timeout: "Your session reached its time limit. Please sign in again.",
  logged_out: "You are signed out.",
  revoked: "Your session was ended. Please sign in again.",
  token_reused: "Your session was ended because somebody may have copied it. Please change your password.",
};

const ERRORS: Record<string, string> = {
  invalid_credentials: "E-mail or password is not right.",
  too_many_attempts: "Too many attempts. Please wait a moment.",
  email_taken: "There is an account with this address already.",
  invalid_email: "This is no e-mail address.",
  password_too_short: "A password needs at least 15 characters.",
  password_too_common: "Too many people use this password.",
};

/** What came with an address: codes that this page does not know say nothing. */
export interface Asked {
  readonly next?: string;
  readonly reason?: string;
  readonly error?: string;
}

export const wordsFor = ({ reason }: Asked) => REASONS[`${reason}`];

export const faultOf = ({ error }: Asked) =>
  error && (ERRORS[error] ?? "That did not work. Please try again.");
