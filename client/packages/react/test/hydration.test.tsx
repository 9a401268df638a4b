// @vitest-environment happy-dom
import { act, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { SessionProvider, SessionWarning, useSession, useSessionExpiration } from "../src/index.js";
import { ACTIVE, ENDED, type FakeClient, fakeClient, WARNING } from "./fake-client.js";

vi.mock("@coatcheck/client/warning", () => ({ defineWarning: () => undefined }));

let root: Root | undefined;

afterEach(async () => {
  await vi.dynamicImportSettled();
  act(() => root?.unmount());
  document.body.replaceChildren();
});

function Page() {
  const { state, secondsLeft } = useSessionExpiration();
  return (
    <p>
      {useSession().user?.name ?? "nobody"} {state} {secondsLeft}
    </p>
  );
}

function app(client: FakeClient) {
  return (
    <StrictMode>
      <SessionProvider client={client}>
        <Page />
        <SessionWarning />
      </SessionProvider>
    </StrictMode>
  );
}

function hydrate(client: FakeClient, html: string) {
  document.body.innerHTML = `<div id="root">${html}</div>`;
  const container = document.querySelector("#root") as Element;
  act(() => {
    root = hydrateRoot(container, app(client));
  });
}

test("what the server rendered is taken over as it is, without a word", () => {
  const complaint = vi.spyOn(console, "error");
  hydrate(fakeClient(), renderToString(app(fakeClient())));
  expect(screen.getByText("Ada active")).toBeDefined();
  expect(complaint).not.toHaveBeenCalled();
});

test("what changed since the server rendered is shown after the take-over", () => {
  const complaint = vi.spyOn(console, "error");
  hydrate(fakeClient(ENDED, ACTIVE), renderToString(app(fakeClient())));
  expect(screen.getByText("nobody ended 0")).toBeDefined();
  expect(complaint).not.toHaveBeenCalled();
});

test("a warning that was due already opens after the take-over", () => {
  const complaint = vi.spyOn(console, "error");
  hydrate(fakeClient(WARNING), renderToString(app(fakeClient(WARNING))));
  expect(screen.getByText("Ada warning 90")).toBeDefined();
  expect(complaint).not.toHaveBeenCalled();
});
