/** Server-side sessions for React 18 and 19. */
export { SessionProvider, type SessionProviderProps, useSessionClient } from "./provider.js";
export { SessionWarning, type SessionWarningProps } from "./session-warning.js";
export { type SessionSummary, useSession } from "./use-session.js";
export { type SessionExpiration, useSessionExpiration } from "./use-session-expiration.js";
export { useSessionSync } from "./use-session-sync.js";
