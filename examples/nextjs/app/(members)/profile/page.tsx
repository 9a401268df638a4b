import { getSession, requireUser } from "@/lib/session";
import { AboutForm } from "./about-form";

export const metadata = { title: "Profile" };

export default async function Profile() {
  const user = await requireUser("/profile");
  const { session } = await getSession();
  return (
    <section className="card">
      <h1>{user.name}</h1>
      <p className="soft">{user.email}</p>
      <AboutForm about={String(session?.data.about ?? "")} />
    </section>
  );
}
