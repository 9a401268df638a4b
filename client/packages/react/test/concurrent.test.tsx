// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { startTransition, useLayoutEffect, useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useSession } from "../src/index.js";
import { below } from "./below-provider.js";
import { ACTIVE, ADA, fakeClient } from "./fake-client.js";

const GRACE = { ...ACTIVE, user: { ...ADA.user, name: "Grace" } };
const SLICE = 10; // ms: React yields to the browser after 5

// Within `act` React renders without a break, and there would be nothing to interrupt.
beforeEach(() => vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", false));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a rendering that a change interrupts never shows two sessions at once", async () => {
  const client = fakeClient();
  const shown: string[] = [];
  let open = (_: boolean): void => undefined;

  function Name() {
    const until = performance.now() + SLICE;
    const name = useSession((state) => state.user?.name);
    while (performance.now() < until);
    return <span data-testid="name">{name}</span>;
  }
  function Page() {
    const [many, setMany] = useState(false);
    open = setMany;
    useLayoutEffect(() => {
      shown.push(
        screen
          .getAllByTestId("name")
          .map((name) => name.textContent)
          .join(" "),
      );
    });
    const names = Array.from({ length: many ? 6 : 1 }, (_, key) => key);
    return names.map((key) => <Name key={key} />);
  }

  render(<Page />, { wrapper: below(client) });
  startTransition(() => open(true));
  setTimeout(() => client.tell(GRACE));
  await waitFor(() => expect(screen.getAllByText("Grace")).toHaveLength(6));
  expect(shown.filter((names) => names.includes("Ada") && names.includes("Grace"))).toEqual([]);
});
