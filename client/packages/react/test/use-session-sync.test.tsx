// @vitest-environment happy-dom
import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useSessionSync } from "../src/index.js";
import { below } from "./below-provider.js";
import { ACTIVE, ENDED, fakeClient, touched } from "./fake-client.js";

afterEach(cleanup);

test("calls back at each change with what was and what is, and renders nothing again", () => {
  const client = fakeClient();
  const [listener, rendered] = [vi.fn(), vi.fn()];
  renderHook(
    () => {
      rendered();
      useSessionSync(listener);
    },
    { wrapper: below(client) },
  );
  const next = touched(ACTIVE);
  client.tell(next);
  client.tell(ENDED);
  expect(listener.mock.calls).toEqual([
    [next, ACTIVE],
    [ENDED, next],
  ]);
  expect(rendered).toHaveBeenCalledTimes(1);
});

test("calls the listener of the latest rendering", () => {
  const client = fakeClient();
  const [first, second] = [vi.fn(), vi.fn()];
  const { rerender } = renderHook(({ listener }) => useSessionSync(listener), {
    wrapper: below(client),
    initialProps: { listener: first },
  });
  rerender({ listener: second });
  client.tell(ENDED);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
});

test("nobody is called after the component has gone", () => {
  const client = fakeClient();
  const listener = vi.fn();
  const { unmount } = renderHook(() => useSessionSync(listener), { wrapper: below(client) });
  unmount();
  client.tell(ENDED);
  expect(listener).not.toHaveBeenCalled();
});
