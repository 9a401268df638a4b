// @vitest-environment happy-dom
import { cleanup, render, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { SessionProvider, SessionWarning } from "../src/index.js";
import { below } from "./below-provider.js";
import { fakeClient } from "./fake-client.js";

const defineWarning = vi.hoisted(() => vi.fn());
vi.mock("@coatcheck/client/warning", () => ({ defineWarning }));

afterEach(async () => {
  await vi.dynamicImportSettled();
  cleanup();
  defineWarning.mockClear();
});

function element() {
  return document.querySelector("coatcheck-warning");
}

test("the dialog gets the client, its texts and where to sign in", async () => {
  const client = fakeClient();
  const texts = { stay: "Go on" };
  render(<SessionWarning loginPath="/sign-in" texts={texts} />, { wrapper: below(client) });
  expect(element()).toMatchObject({ client, texts });
  expect(element()?.getAttribute("login-path")).toBe("/sign-in");
  await waitFor(() => expect(defineWarning).toHaveBeenCalledTimes(1));
});

test("new texts and another client reach it, each while the other stays", () => {
  const [first, second] = [fakeClient(), fakeClient()];
  const app = (client: typeof first, texts: { stay: string }) => (
    <StrictMode>
      <SessionProvider client={client}>
        <SessionWarning texts={texts} />
      </SessionProvider>
    </StrictMode>
  );
  const [go, stay] = [{ stay: "Go on" }, { stay: "Stay" }];
  const { rerender } = render(app(first, go));
  rerender(app(first, stay));
  expect(element()).toMatchObject({ texts: stay, client: first });
  rerender(app(second, stay));
  expect(element()).toMatchObject({ texts: stay, client: second });
});
