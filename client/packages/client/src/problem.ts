/** What went wrong, in words that stay the same: RFC 9457 problems, and answers that are none. */
import type { Problem, Reason } from "./wire.js";

type Nullable<T> = { [K in keyof T]?: T[K] | null };

/** An act that failed. */
export class SessionError extends Error {
  /** Stable, machine-readable. */
  declare readonly code: string;
  /** HTTP status; 0 when no answer came. */
  declare readonly status: number;
  /** A sentence for a person. */
  declare readonly title: string;
  /** Seconds to wait before the next try, where the server said so. */
  declare readonly retryAfter: number | null;
  /** Why there is no session, where that is the cause. */
  declare readonly reason: Reason | null;
  /** What to name to whoever helps: it leads them to the session. */
  declare readonly supportCode: string | null;

  constructor(
    status: number,
    {
      code = status ? "unexpected_answer" : "unreachable",
      title = "Please try again.",
      retry_after = null,
      reason = null,
      support_code = null,
    }: Partial<Omit<Problem, "retry_after" | "reason" | "support_code">> &
      Pick<Nullable<Problem>, "retry_after" | "reason" | "support_code"> = {},
  ) {
    super(title);
    Object.assign(this, {
      name: "SessionError",
      code,
      status,
      title,
      retryAfter: retry_after,
      reason,
      supportCode: support_code,
    });
  }
}
