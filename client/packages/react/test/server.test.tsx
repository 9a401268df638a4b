import { Writable } from "node:stream";
import type { SessionState } from "@coatcheck/client";
import { version } from "react";
import { renderToPipeableStream, renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { SessionProvider, SessionWarning, useSession, useSessionExpiration } from "../src/index.js";
import { ACTIVE, ADA, fakeClient, WARNING } from "./fake-client.js";

function Page() {
  const name = useSession((state) => state.user?.name);
  const { state, secondsLeft } = useSessionExpiration();
  return (
    <p>
      {name ?? "nobody"} {state} {secondsLeft}
    </p>
  );
}

function app(state: SessionState) {
  return (
    <SessionProvider client={fakeClient(state)}>
      <Page />
      <SessionWarning loginPath="/sign-in" />
    </SessionProvider>
  );
}

function stream(element: ReturnType<typeof app>): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder();
    let html = "";
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        html += decoder.decode(chunk, { stream: true });
        done();
      },
      final: (done) => {
        resolve(html);
        done();
      },
    });
    renderToPipeableStream(element, { onError: reject }).pipe(sink);
  });
}

test("each run has the React it is named for", ({ task }) => {
  expect(`react ${version.split(".")[0]}`).toBe(task.file.projectName);
});

test("a server renders the session it was given, and the warning's empty place", () => {
  const html = renderToString(app(ACTIVE)).replaceAll("<!-- -->", "");
  expect(html).toContain("<p>Ada active </p>");
  expect(html).toContain('<coatcheck-warning login-path="/sign-in"></coatcheck-warning>');
});

test("a server renders no warning: it opens where somebody can answer it", () => {
  expect(renderToString(app(WARNING)).replaceAll("<!-- -->", "")).toContain("<p>Ada active </p>");
});

test("without a client of the app's own, the answer that the server gives is what is rendered", () => {
  const initial = { session: ADA, server_now: ADA.last_seen_at };
  const page = (
    <SessionProvider initial={initial}>
      <Page />
    </SessionProvider>
  );
  expect(renderToString(page).replaceAll("<!-- -->", "")).toBe("<p>Ada active </p>");
});

test("two requests under way at once never see each other's session", async () => {
  const grace = { ...ADA.user, name: "Grace" };
  const pages = await Promise.all([stream(app(ACTIVE)), stream(app({ ...ACTIVE, user: grace }))]);
  expect(pages.map((page) => [page.includes("Ada"), page.includes("Grace")])).toEqual([
    [true, false],
    [false, true],
  ]);
});
