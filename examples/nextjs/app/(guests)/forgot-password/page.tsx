import Form from "next/form";
import Link from "next/link";

export const metadata = { title: "Forgot your password" };

/** The same words for every address: nobody finds out here who has an account. */
export default async function Forgot({
  searchParams,
}: {
  readonly searchParams: Promise<{ sent?: string }>;
}) {
  const { sent } = await searchParams;
  return (
    <main className="entrance card">
      <h1>Forgot your password?</h1>
      {sent === undefined ? (
        <Form action="/forgot-password">
          <label>
            E-mail
            <input type="email" autoComplete="username" required />
          </label>
          <button type="submit" name="sent" value="yes">
            Show what happens
          </button>
        </Form>
      ) : (
        <p role="status">
          If an account has this address, its owner would now find a link in the mail. This example sends
          none: whoever runs it sets a new password with <code>coatcheck users reset-password</code>.
        </p>
      )}
      <p className="soft">
        <Link href="/login">Back to sign in</Link>
      </p>
    </main>
  );
}
