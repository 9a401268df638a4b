"use client";

/** What a page shows that could not be rendered: the server may be away, and nobody is signed out by that. */
export default function Fault({ retry }: { readonly retry: () => void }) {
  return (
    <main className="entrance card">
      <h1>Something is in the way</h1>
      <p className="soft">You are as signed in as you were. Please try again in a moment.</p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </main>
  );
}
