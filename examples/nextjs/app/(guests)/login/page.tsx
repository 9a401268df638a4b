import Link from "next/link";
import { safeTarget } from "@/lib/next";
import { type Asked, faultOf, wordsFor } from "@/lib/words";

export const metadata = { title: "Sign in" };

/** An ordinary form, posted to Coatcheck: it signs in with the cookie, and sends the browser on, without a script. */
export default async function Login({ searchParams }: { readonly searchParams: Promise<Asked> }) {
  const asked = await searchParams;
  return (
    <main className="entrance card">
      <h1>Sign in</h1>
      {wordsFor(asked) && <p role="status">{wordsFor(asked)}</p>}
      <form method="post" action="/auth/login">
        <input type="hidden" name="next" value={safeTarget(asked.next)} />
        <label>
          E-mail
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <label className="inline">
          <input name="remember" type="checkbox" /> Stay signed in
        </label>
        {faultOf(asked) && (
          <p className="fault" role="alert">
            {faultOf(asked)}
          </p>
        )}
        <button type="submit">Sign in</button>
      </form>
      <p className="row soft">
        <Link href="/register">Make an account</Link>
        <Link href="/forgot-password">Forgot your password?</Link>
      </p>
    </main>
  );
}
