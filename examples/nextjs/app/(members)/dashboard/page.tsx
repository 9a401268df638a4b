import { getSession, requireUser } from "@/lib/session";

export const metadata = { title: "Dashboard" };

export default async function Dashboard() {
  const user = await requireUser("/dashboard");
  const { session } = await getSession();
  return (
    <>
      <section className="card">
        <h1>Good to see you, {user.name}</h1>
        <p className="soft">This page was rendered by Next.js, for the session that Coatcheck keeps.</p>
      </section>
      <section className="card">
        <h2>Your session</h2>
        <dl>
          <dt>Signed in</dt>
          <dd>{at(session?.authenticated_at)}</dd>
          <dt>Without activity it ends in</dt>
          <dd>{minutes(session?.idle_expires_in)}</dd>
          <dt>In any case it ends in</dt>
          <dd>{minutes(session?.expires_in)}</dd>
          <dt>Roles</dt>
          <dd>{user.roles.join(", ") || "none"}</dd>
        </dl>
      </section>
    </>
  );
}

const at = (stamp = "") => `${stamp.slice(0, 16).replace("T", " ")} UTC`;

const minutes = (seconds = 0) =>
  seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${Math.round(seconds / 3600)} hours`;
