"use server";

import { headers } from "next/headers";
import { call } from "@/lib/coatcheck";
import { getSession, requireUser } from "@/lib/session";

/**
 * Keeps a line about the user in their session.
 *
 * An action is an address like any other, and asks for itself who calls. `call` passes on which page the browser says
 * it came from, and the anti-forgery token is this session's: so Coatcheck judges the sender too, and not Next.js
 * alone.
 */
export async function saveAbout(_: string, form: FormData): Promise<string> {
  await requireUser("/profile");
  const { csrf_token = "" } = await getSession();
  const response = await call("/api/about", await headers(), {
    method: "PUT",
    body: JSON.stringify({ about: form.get("about") }),
    headers: { "content-type": "application/json", "x-csrf-token": csrf_token },
  });
  return response.ok ? "Saved." : "That did not work. Please try again.";
}
