"use client";

import type { SessionAnswer } from "@coatcheck/client";
import { SessionProvider, SessionWarning } from "@coatcheck/react";
import type { ReactNode } from "react";

/** Keeps all tabs in step with the server, asks before the session ends, and hides the page when it has. */
export function Session({
  initial,
  children,
}: {
  readonly initial: SessionAnswer;
  readonly children: ReactNode;
}) {
  return (
    <SessionProvider initial={initial}>
      {children}
      <SessionWarning />
    </SessionProvider>
  );
}
