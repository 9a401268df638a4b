import { LOADING, type SessionClient, type SessionState } from "../../src/state.js";

const user = (id: string) => ({ id, email: `${id}@example.test`, name: id, roles: ["user"] });

export const ACTIVE: SessionState = { ...LOADING, phase: "active", user: user("ada"), extendable: true };
export const WARNING: SessionState = { ...ACTIVE, phase: "warning" };
export const LIMIT: SessionState = { ...WARNING, extendable: false };
export const ENDED: SessionState = { ...LOADING, phase: "ended", reason: "revoked" };
export const NOBODY: SessionState = { ...LOADING, phase: "anonymous", reason: "no_session" };
export const GRACE: SessionState = { ...ACTIVE, user: user("grace") };

/** What the dialog asks of a client: it tells when it is told to, and counts who listens. */
export class FakeClient implements Pick<SessionClient, "getSnapshot" | "subscribe" | "secondsLeft"> {
  left = 92;
  readonly listeners = new Set<() => void>();
  #state: SessionState;

  constructor(state: SessionState = ACTIVE) {
    this.#state = state;
  }

  tell(state: SessionState): void {
    this.#state = state;
    for (const listener of this.listeners) listener();
  }

  getSnapshot = () => this.#state;
  secondsLeft = () => this.left;
  subscribe: SessionClient["subscribe"] = (listener) => {
    const own = () => listener(this.#state, this.#state);
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  };
  extend = async () => {
    this.tell(ACTIVE);
    return ACTIVE;
  };
  logout = async () => this.tell({ ...ENDED, reason: "logged_out" });
}
