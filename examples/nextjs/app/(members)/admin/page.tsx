import { headers } from "next/headers";
import { call } from "@/lib/coatcheck";
import { requireUser } from "@/lib/session";

export const metadata = { title: "Admin" };

interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly sessions: number;
}

/** Asks three times who is there: the proxy, this page, and the rule of the server that has the data. */
export default async function Admin() {
  await requireUser("/admin");
  const response = await call("/api/members", await headers());
  if (!response.ok) throw new Error(`GET /api/members: ${response.status}`);
  const members: Member[] = await response.json();
  return (
    <section className="card">
      <h1>Members</h1>
      <ul>
        {members.map(({ id, name, email, sessions }) => (
          <li key={id}>
            <span>
              {name}
              <small className="soft">{email}</small>
            </span>
            <span className="soft">{sessions === 1 ? "1 session" : `${sessions} sessions`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
