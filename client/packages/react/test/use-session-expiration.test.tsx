// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useSessionExpiration } from "../src/index.js";
import { below } from "./below-provider.js";
import { ACTIVE, ENDED, type FakeClient, fakeClient, touched, WARNING } from "./fake-client.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function watch(client: FakeClient) {
  const rendered = vi.fn();
  const { result } = renderHook(
    () => {
      rendered();
      return useSessionExpiration();
    },
    { wrapper: below(client) },
  );
  return { result, rendered };
}

function look(client: FakeClient, left: number) {
  client.left = left;
  act(() => vi.advanceTimersByTime(250));
}

test("there is nothing to tell, and nothing ticks, while the session is active", () => {
  const client = fakeClient();
  const { result, rendered } = watch(client);
  expect(result.current).toMatchObject({ state: "active", secondsLeft: null });
  expect(vi.getTimerCount()).toBe(0);
  act(() => client.tell(touched(ACTIVE)));
  expect(rendered).toHaveBeenCalledTimes(1);
});

test("while the warning is open it tells the whole seconds by the client's clock", () => {
  const client = fakeClient();
  const { result, rendered } = watch(client);
  act(() => client.tell(WARNING));
  expect(result.current).toMatchObject({ state: "warning", secondsLeft: 90, extendable: true });
  look(client, 89.7);
  expect(rendered).toHaveBeenCalledTimes(2);
  look(client, 88.9);
  expect(result.current.secondsLeft).toBe(89);
});

test("after the lid was closed it tells what is left then, not what a counter would", () => {
  const client = fakeClient(WARNING);
  const { result } = watch(client);
  look(client, 3);
  expect(result.current.secondsLeft).toBe(3);
});

test("a page that is hidden is not rendered, and is right soon after it is seen again", () => {
  const client = fakeClient(WARNING);
  const { result, rendered } = watch(client);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  look(client, 40);
  expect(rendered).toHaveBeenCalledTimes(1);
  hidden.mockReturnValue(false);
  look(client, 39.5);
  expect(result.current.secondsLeft).toBe(40);
});

test("once somebody stays or the session ends, the ticking ends", () => {
  const client = fakeClient(WARNING);
  const { result } = watch(client);
  act(() => client.tell(ACTIVE));
  expect(result.current).toMatchObject({ state: "active", secondsLeft: null });
  expect(vi.getTimerCount()).toBe(0);
  act(() => client.tell(WARNING));
  act(() => client.tell(ENDED));
  expect(result.current).toMatchObject({ state: "ended", secondsLeft: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

test("says when staying is not to be had", () => {
  const { result } = watch(fakeClient({ ...WARNING, extendable: false }));
  expect(result.current.extendable).toBe(false);
});

test("extend and signOut are the client's own", () => {
  const client = fakeClient(WARNING);
  const { result } = watch(client);
  expect([result.current.extend, result.current.signOut]).toEqual([client.extend, client.logout]);
});

test("nothing is left running after the last component has gone", () => {
  const client = fakeClient(WARNING);
  watch(client);
  cleanup();
  expect([vi.getTimerCount(), client.listening]).toEqual([0, 0]);
});
