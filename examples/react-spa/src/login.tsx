import type { Reason, SessionError } from "@coatcheck/client";
import { useSessionClient } from "@coatcheck/react";
import { type FormEvent, useState } from "react";
import { wordsFor } from "./reasons";

export function Login({ reason }: { readonly reason: Reason | null }) {
  const client = useSessionClient();
  const [fault, setFault] = useState("");

  async function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      await client.login({
        email: String(form.get("email")),
        password: String(form.get("password")),
        remember: form.has("remember"),
      });
      history.replaceState(null, "", "/"); // the address of the form is no place to come back to
    } catch (error) {
      setFault((error as SessionError).title);
    }
  }

  return (
    <main className="entrance card">
      <h1>Notebook</h1>
      <p className="soft">{wordsFor(reason) ?? "Please sign in."}</p>
      <form onSubmit={signIn}>
        <label>
          E-mail
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <label className="inline">
          <input name="remember" type="checkbox" /> Stay signed in
        </label>
        <p className="fault" role="alert">
          {fault}
        </p>
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
