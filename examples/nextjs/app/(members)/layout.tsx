import type { ReactNode } from "react";
import { getSession } from "@/lib/session";
import { Session } from "./session";
import { Bar } from "./bar";

/**
 * What all pages of signed-in users share. It shows, and guards nothing: a layout is not rendered again when people go
 * from page to page, so each page asks for itself.
 */
export default async function Members({ children }: { readonly children: ReactNode }) {
  const answer = await getSession();
  if (!answer.session) return children; // the page sends them away
  return (
    <Session initial={answer}>
      <Bar name={answer.session.user.name} isAdmin={answer.session.user.roles.includes("admin")} />
      <main>{children}</main>
    </Session>
  );
}
