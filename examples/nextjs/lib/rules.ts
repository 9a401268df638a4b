/** Who may go where. Deny by default, as Coatcheck does: what is not named here needs a signed-in user. */

const PUBLIC = ["/", "/icon.svg"];
const GUESTS = ["/login", "/register", "/forgot-password"];
const ROLES: Record<string, string> = { "/admin": "admin" };

export const HOME = "/dashboard";

/** Whole segments: `/admin` covers `/admin/x`, and never `/administration`. */
const covers = (rule: string, path: string) => path === rule || path.startsWith(`${rule}/`);

export const isPublic = (path: string) => PUBLIC.includes(path);

/** For visitors: a signed-in user is sent on. */
export const isForGuests = (path: string) => GUESTS.some((rule) => covers(rule, path));

/** The role that a path asks for, beside a signed-in user. */
export const roleFor = (path: string) => Object.entries(ROLES).find(([rule]) => covers(rule, path))?.[1];
