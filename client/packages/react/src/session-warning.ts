"use client";

import type { CoatcheckWarning, WarningTexts } from "@coatcheck/client/warning";
import { createElement, type ReactNode, useEffect, useRef } from "react";
import { useSessionClient } from "./provider.js";

export interface SessionWarningProps {
  /** Where "Sign in again" leads; `/login` by default. */
  readonly loginPath?: string | undefined;
  /** Texts in place of the English ones. */
  readonly texts?: Partial<WarningTexts> | undefined;
}

/** Warns before the session ends, and tells that it has. For a dialog of your own there is `useSessionExpiration`. */
export function SessionWarning({ loginPath, texts }: SessionWarningProps): ReactNode {
  const client = useSessionClient();
  const element = useRef<CoatcheckWarning>(null);
  useEffect(() => {
    // React 18 sets no properties of custom elements, and React 19 none of those not defined yet.
    Object.assign(element.current as CoatcheckWarning, { texts, client });
    // Neither the server nor the first paint needs the dialog.
    void import("@coatcheck/client/warning").then(({ defineWarning }) => defineWarning());
  }, [client, texts]);
  return createElement("coatcheck-warning", { ref: element, "login-path": loginPath });
}
