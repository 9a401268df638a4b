import Link from "next/link";

export default function Forbidden() {
  return (
    <section className="card">
      <h1>This door is for others</h1>
      <p className="soft">You are signed in, but not with the role that this page asks for.</p>
      <Link className="button" href="/dashboard">
        Back to your dashboard
      </Link>
    </section>
  );
}
