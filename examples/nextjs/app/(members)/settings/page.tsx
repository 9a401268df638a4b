import { getSession, requireUser } from "@/lib/session";
import { type Asked, faultOf } from "@/lib/words";
import { Devices } from "./devices";

export const metadata = { title: "Settings" };

export default async function Settings({ searchParams }: { readonly searchParams: Promise<Asked> }) {
  const user = await requireUser("/settings");
  const { csrf_token } = await getSession();
  const fault = faultOf(await searchParams);
  return (
    <>
      <Devices />
      <section className="card">
        <h2>Change your password</h2>
        <form method="post" action="/auth/password">
          <input type="hidden" name="csrf_token" value={csrf_token} />
          <input type="hidden" name="next" value="/settings" />
          <input hidden autoComplete="username" defaultValue={user.email} />
          <label>
            Present password
            <input name="current_password" type="password" autoComplete="current-password" required />
          </label>
          <label>
            New password
            <input name="new_password" type="password" autoComplete="new-password" minLength={15} required />
          </label>
          {fault && (
            <p className="fault" role="alert">
              {fault}
            </p>
          )}
          <button type="submit">Change it, and sign out everywhere else</button>
        </form>
      </section>
    </>
  );
}
