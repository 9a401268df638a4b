import { useSession } from "@coatcheck/react";
import { Login } from "./login";
import { Notebook } from "./notebook";

/** What to show follows from the session alone: whoever ends it, in whichever tab, this page changes with it. */
export function App() {
  const { phase, user, reason, stale } = useSession();
  if (phase === "loading") return stale && <p role="status">The server cannot be reached. Trying again …</p>;
  return user ? <Notebook key={user.id} user={user} /> : <Login reason={reason} />;
}
