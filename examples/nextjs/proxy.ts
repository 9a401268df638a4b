/**
 * In front of every page: hands /auth to Coatcheck, and sends people where they can go.
 *
 * It is a courtesy and no guard. Pages and actions ask for themselves (lib/session.ts), so whoever finds a way around
 * it (CVE-2025-29927 was one) finds nothing.
 */
import { type NextRequest, NextResponse } from "next/server";
import { address, believable, peek, Unavailable } from "./lib/coatcheck";
import { loginAddress, safeTarget } from "./lib/next";
import { isForGuests, isPublic } from "./lib/rules";

export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { pathname, search } = request.nextUrl;
  const headers = believable(request.headers);
  if (/^\/auth(\/|$)/.test(pathname))
    return NextResponse.rewrite(address(pathname + search), { request: { headers } });
  if (isPublic(pathname)) return NextResponse.next({ request: { headers } });
  try {
    const { answer, cookies } = await peek(request.headers);
    const response = route(request, !!answer.session, answer.reason, headers);
    // A token that is due goes on to the browser as it is; the present one counts until the browser uses it.
    for (const cookie of cookies) response.headers.append("set-cookie", cookie);
    // What is due to one browser, a cache must not hand to others, whatever the page says of itself.
    response.headers.set("cache-control", "private, no-store");
    return response;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return new NextResponse("Sessions cannot be checked right now. Please try again in a moment.\n", {
      status: 503,
      headers: { "retry-after": "2", "cache-control": "no-store" },
    });
  }
}

const route = (
  request: NextRequest,
  isSignedIn: boolean,
  reason: string | undefined,
  headers: Headers,
): NextResponse => {
  const { pathname, search, searchParams } = request.nextUrl;
  const pass = NextResponse.next({ request: { headers } });
  // An action is no page to be led away from: it answers for itself.
  if (request.method !== "GET" && request.method !== "HEAD") return pass;
  if (isForGuests(pathname)) return isSignedIn ? lead(request, safeTarget(searchParams.get("next"))) : pass;
  if (!isSignedIn) return lead(request, loginAddress(pathname + search, reason));
  return pass;
};

const lead = (request: NextRequest, path: string) => NextResponse.redirect(new URL(path, request.url), 303);

export const config = { matcher: "/((?!_next/static/).*)" };
