import Link from "next/link";

export default function NotFound() {
  return (
    <main className="entrance card">
      <h1>There is nothing here</h1>
      <Link className="button" href="/">
        To the entrance
      </Link>
    </main>
  );
}
