import Link from "next/link";
import { HOME } from "@/lib/rules";
import { type Asked, faultOf } from "@/lib/words";

export const metadata = { title: "Make an account" };

export default async function Register({ searchParams }: { readonly searchParams: Promise<Asked> }) {
  const fault = faultOf(await searchParams);
  return (
    <main className="entrance card">
      <h1>Make an account</h1>
      <form method="post" action="/auth/register">
        <input type="hidden" name="next" value={HOME} />
        <label>
          Name
          <input name="name" autoComplete="name" required />
        </label>
        <label>
          E-mail
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="new-password" minLength={15} required />
          <small className="soft">15 characters or more; a few words are easy to keep in mind.</small>
        </label>
        {fault && (
          <p className="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit">Make an account</button>
      </form>
      <p className="soft">
        <Link href="/login">You have one?</Link>
      </p>
    </main>
  );
}
