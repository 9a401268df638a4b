/** `fetch` that bears tokens. They stay in its closure: neither the page nor any storage ever has them. */
import { contentOf } from "../http.js";
import type { BearerAnswer } from "../wire.js";
import { type Grant, hold } from "./grant.js";
import { sender } from "./sender.js";
import { stopwatch } from "./stopwatch.js";
import type { BearerSurroundings } from "./surroundings.js";

/** @param base where the HTTP API is: its origin gets tokens, and no other does */
export const bearing = (base: string, env: BearerSurroundings): typeof fetch => {
  const { origin } = new URL(base);
  const { bear, end } = sender(base, env);
  let present: Grant | undefined;
  let era = 0; // ends with each sign-in and sign-out: what was asked for before is not wanted any more

  const leave = (next?: Grant) => {
    if (present) void end(present);
    present = next;
    era++;
  };

  /** Takes the tokens out of an answer, before anybody else sees it. */
  const take = (content: BearerAnswer, asked: number, age: () => number): Response => {
    const { session, server_now } = content;
    const grant = hold({ session: session?.id }, content, age);
    if (asked !== era) void end(grant);
    // A password proven again: the session goes on, and its former tokens do not.
    else if (present?.session === grant.session) present = grant;
    else leave(grant);
    return Response.json({ session, server_now });
  };

  return async (input, init) => {
    const url = new URL((input as Request).url ?? input);
    if (url.origin !== origin) return env.fetch(input, init);
    const path = url.href.startsWith(`${base}/`) ? url.href.slice(base.length) : undefined;
    if (path === "/logout") {
      leave(); // at once, whatever the network does
      return new Response(null, { status: 204 });
    }
    const request = new Request(input, { ...init, credentials: "omit" });
    const [asked, age] = [era, stopwatch(env)];
    const entering = path === "/login" || path === "/register";
    if (entering) request.headers.set("coatcheck-transport", "bearer");
    const grant = entering ? undefined : present;
    const answer = await (grant ? bear(request, grant) : env.fetch(request));
    if (!path && answer.status !== 401) return answer;
    const content = Object(await contentOf(answer.clone()));
    const { reason, code = reason, session } = content;
    // Our server's own word that nobody is signed in; a 403 says that somebody is, and may not.
    if (reason && reason === code && !session && answer.status !== 403 && present === grant)
      present = undefined;
    return path && answer.ok && content.access_token ? take(content, asked, age) : answer;
  };
};
