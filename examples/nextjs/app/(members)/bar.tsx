"use client";

import { useSessionClient } from "@coatcheck/react";
import Link from "next/link";
import { usePathname } from "next/navigation";

const PAGES = {
  "/dashboard": "Dashboard",
  "/profile": "Profile",
  "/settings": "Settings",
  "/admin": "Admin",
};

export function Bar({ name, isAdmin }: { readonly name: string; readonly isAdmin: boolean }) {
  const client = useSessionClient();
  const path = usePathname();

  async function signOut() {
    await client.logout();
    location.assign("/login?reason=logged_out"); // a new page: nothing of the old one is kept
  }

  return (
    <header>
      <span className="brand">Cloakroom</span>
      <nav>
        {Object.entries(PAGES).map(
          ([href, title]) =>
            (href !== "/admin" || isAdmin) && (
              <Link key={href} href={href} aria-current={path === href ? "page" : undefined}>
                {title}
              </Link>
            ),
        )}
      </nav>
      <span className="soft">{name}</span>
      <button type="button" className="quiet" onClick={signOut}>
        Sign out
      </button>
    </header>
  );
}
