import type { SessionError } from "@coatcheck/client";
import { useSession, useSessionClient } from "@coatcheck/react";
import { type FormEvent, useEffect, useRef, useState } from "react";

interface PasswordDialogProps {
  readonly onProven: () => void;
  readonly onCancel: () => void;
}

/** Asks for the password once more, where the server wants to know that it is still the same person. */
export function PasswordDialog({ onProven, onCancel }: PasswordDialogProps) {
  const client = useSessionClient();
  const email = useSession((state) => state.user?.email);
  const dialog = useRef<HTMLDialogElement>(null);
  const [fault, setFault] = useState("");
  useEffect(() => dialog.current?.showModal(), []);

  async function prove(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    try {
      await client.reauthenticate(String(new FormData(event.currentTarget).get("password")));
      onProven();
    } catch (error) {
      setFault((error as SessionError).title);
    }
  }

  return (
    <dialog ref={dialog} className="card" aria-labelledby="who" onClose={onCancel}>
      <h2 id="who">Is it still you?</h2>
      <form onSubmit={prove}>
        {/* For password managers: whose password is asked for. */}
        <input name="email" autoComplete="username" value={email ?? ""} readOnly hidden />
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <p className="fault" role="alert">
          {fault}
        </p>
        <p className="row">
          <button type="submit">Continue</button>
          <button type="button" className="quiet" onClick={onCancel}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
