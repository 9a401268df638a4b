import type { UserView } from "@coatcheck/client";
import { SessionWarning, useSessionClient } from "@coatcheck/react";
import { Note } from "./note";
import { Sessions } from "./sessions";

/** The protected page: the server sends nobody here who is not signed in, and nothing of it without a session. */
export function Notebook({ user }: { readonly user: UserView }) {
  const client = useSessionClient();
  return (
    <>
      <header>
        <h1>Notebook</h1>
        <span className="soft">{user.name}</span>
        <button type="button" className="quiet" onClick={() => client.logout()}>
          Sign out
        </button>
      </header>
      <main>
        <Note userId={user.id} />
        <Sessions />
      </main>
      <SessionWarning />
    </>
  );
}
