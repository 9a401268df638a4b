import { SessionError, type SessionItem } from "@coatcheck/client";
import { useSessionClient } from "@coatcheck/react";
import { useCallback, useEffect, useState } from "react";
import { PasswordDialog } from "./password-dialog";

type Act = () => Promise<unknown>;

export function Sessions() {
  const client = useSessionClient();
  const { list, revoke, revokeOthers } = client.sessions;
  const [sessions, setSessions] = useState<SessionItem[]>([]);
  const [fault, setFault] = useState("");
  const [waiting, setWaiting] = useState<Act | null>(null);

  const attempt = useCallback(
    async (act: Act) => {
      try {
        await act();
        if (client.getSnapshot().session) setSessions((await list()).sort(latestFirst));
        setFault("");
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        if (error.code === "reauthentication_required") setWaiting(() => act);
        else setFault(error.title);
      }
    },
    [client, list],
  );

  useEffect(() => void attempt(async () => undefined), [attempt]);

  async function everywhere() {
    await revokeOthers();
    await client.logout();
  }

  return (
    <section className="card">
      <h2>Where you are signed in</h2>
      <ul>
        {sessions.map(({ id, device, current, last_seen_at }) => (
          <li key={id}>
            <span>
              {device.label}
              <small className="soft">
                {device.ip}, {current ? "this browser" : `last seen ${ago(last_seen_at)}`}
              </small>
            </span>
            <button type="button" className="quiet" onClick={() => attempt(() => revoke(id))}>
              {current ? "Sign out" : "Sign out there"}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="danger" onClick={() => attempt(everywhere)}>
        Sign out everywhere
      </button>
      <p className="fault" role="alert">
        {fault}
      </p>
      {waiting && (
        <PasswordDialog
          onProven={() => {
            setWaiting(null);
            void attempt(waiting);
          }}
          onCancel={() => setWaiting(null)}
        />
      )}
    </section>
  );
}

const latestFirst = (one: SessionItem, other: SessionItem) =>
  Number(other.current) - Number(one.current) || other.last_seen_at.localeCompare(one.last_seen_at);

/** `2 minutes ago`, in the reader's language. */
function ago(moment: string): string {
  const minutes = Math.round((Date.parse(moment) - Date.now()) / 60_000);
  const [value, unit] =
    minutes > -60 ? [minutes, "minute" as const] : [Math.round(minutes / 60), "hour" as const];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(value, unit);
}
