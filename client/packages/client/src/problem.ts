/** What went wrong, in words that stay the same: RFC 9457 problems, and answers that are none. */
import type { Problem, Reason } from "./wire.js";

/** An act that failed. `code` is stable; `title` is a sentence for a person. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  /** Seconds to wait before the next try, where the server said so. */
  readonly retryAfter: number | null;
  /** Why there is no session, where that is the cause. */
  readonly reason: Reason | null;

  constructor(status: number, problem: Partial<Problem> = {}) {
    const { code = status ? "unexpected_answer" : "unreachable", title = "The server cannot be reached." } =
      problem;
    super(title);
    this.code = code;
    this.status = status;
    this.title = title;
    this.retryAfter = problem.retry_after ?? null;
    this.reason = problem.reason ?? null;
  }
}
