import type { SessionClient } from "@coatcheck/client";
import type { ReactNode } from "react";
import { SessionProvider } from "../src/index.js";

/** The wrapper of the testing library: everything rendered stands below a provider. */
export function below(client: SessionClient) {
  return ({ children }: { readonly children: ReactNode }) => (
    <SessionProvider client={client}>{children}</SessionProvider>
  );
}
