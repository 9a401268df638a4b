// @vitest-environment happy-dom
import type { SessionState } from "@coatcheck/client";
import { act, cleanup, render, renderHook, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { SessionProvider, useSession, useSessionClient } from "../src/index.js";
import { below } from "./below-provider.js";
import { ACTIVE, ENDED, fakeClient, touched, WARNING } from "./fake-client.js";

afterEach(cleanup);

test("tells who is signed in, and follows what the client hears", () => {
  const client = fakeClient();
  const { result } = renderHook(() => useSession(), { wrapper: below(client) });
  expect(result.current).toEqual({ phase: "active", user: ACTIVE.user, reason: null, stale: false });
  act(() => client.tell(ENDED));
  expect(result.current).toEqual({ phase: "ended", user: null, reason: "revoked", stale: false });
});

test("a touch that moves the deadlines renders nobody again", () => {
  const client = fakeClient();
  const rendered = vi.fn();
  function Name() {
    rendered();
    useSession((state) => ({ roles: state.user?.roles }));
    return <p>{useSession().user?.name}</p>;
  }
  render(<Name />, { wrapper: below(client) });
  expect(rendered).toHaveBeenCalledTimes(1);
  act(() => client.tell(touched(ACTIVE)));
  expect(rendered).toHaveBeenCalledTimes(1);
});

test("renders again when the selected value changes, and only then", () => {
  const client = fakeClient();
  const rendered = vi.fn();
  renderHook(() => rendered(useSession((state) => state.user?.name)), { wrapper: below(client) });
  act(() => client.tell(WARNING));
  act(() => client.tell({ ...WARNING, stale: true }));
  expect(rendered).toHaveBeenCalledTimes(1);
  act(() => client.tell(ENDED));
  expect(rendered.mock.calls).toEqual([["Ada"], [undefined]]);
});

test("an object that a selector makes anew stays the same object while it says the same", () => {
  const client = fakeClient();
  const { result, rerender } = renderHook(() => useSession((state) => ({ roles: state.user?.roles })), {
    wrapper: below(client),
  });
  const first = result.current;
  act(() => client.tell(touched(ACTIVE)));
  rerender();
  expect(result.current).toBe(first);
});

test("a selector that depends on props sees the present ones", () => {
  const client = fakeClient();
  const fields = { field: "name" as "name" | "email" };
  const { result, rerender } = renderHook(({ field }) => useSession((state) => state.user?.[field]), {
    wrapper: below(client),
    initialProps: fields,
  });
  rerender({ field: "email" });
  expect(result.current).toBe("ada@example.test");
});

test("a selector may make what is no JSON", () => {
  const client = fakeClient();
  const select = (state: SessionState) => new Set(state.user?.roles);
  const { result } = renderHook(() => useSession(select), { wrapper: below(client) });
  act(() => client.tell(ENDED));
  expect([...result.current]).toEqual([]);
});

test("another client is listened to instead of the first", () => {
  const [first, second] = [fakeClient(), fakeClient(ENDED)];
  const Name = () => <p>{useSession().user?.name ?? "nobody"}</p>;
  const { rerender } = render(<SessionProvider client={first}>{<Name />}</SessionProvider>);
  rerender(<SessionProvider client={second}>{<Name />}</SessionProvider>);
  expect(screen.getByText("nobody")).toBeDefined();
  expect([first.listening, second.listening]).toEqual([0, 2]);
});

test("the provider keeps the client going where no hook does, and lets it stop at the end", () => {
  const client = fakeClient();
  const { unmount } = render(
    <StrictMode>
      <SessionProvider client={client}>Hello</SessionProvider>
    </StrictMode>,
  );
  expect(client.listening).toBe(1);
  unmount();
  expect(client.listening).toBe(0);
});

test("a hook without a provider says what is missing", () => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
  expect(() => renderHook(() => useSessionClient())).toThrow("<SessionProvider>");
});
