import Link from "next/link";

export default function Landing() {
  return (
    <main className="entrance">
      <p className="brand">Cloakroom</p>
      <h1>The browser holds a ticket. The server keeps the coat.</h1>
      <p className="soft">
        Pages by Next.js, sessions by Coatcheck: no secret, no token and no account table on this side of the
        counter.
      </p>
      <p className="row">
        <Link className="button" href="/login">
          Sign in
        </Link>
        <Link className="button quiet" href="/register">
          Make an account
        </Link>
      </p>
    </main>
  );
}
