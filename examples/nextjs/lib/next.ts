import { HOME } from "./rules";

/**
 * Where to go after signing in: a path of plain segments, and a query. Nothing that a browser or a proxy could take for
 * another origin, however often it is decoded on the way, has this form.
 */
export const safeTarget = (wanted: unknown): string =>
  typeof wanted === "string" && /^(?:\/(?!\.)[\w.~-]+)+\/?(?:\?[!-[\]-~]*)?$/.test(wanted) ? wanted : HOME;

/** `/login?next=...&reason=...` */
export const loginAddress = (back: string, reason?: string) =>
  `/login?${new URLSearchParams({ next: back, ...(reason && { reason }) })}`;
