"use client";

import { SessionError, type SessionItem } from "@coatcheck/client";
import { useSessionClient } from "@coatcheck/react";
import { useCallback, useEffect, useState } from "react";

export function Devices() {
  const { sessions } = useSessionClient();
  const [shown, setShown] = useState<SessionItem[]>([]);
  const [fault, setFault] = useState("");

  const act = useCallback(
    async (work: () => Promise<unknown>) => {
      try {
        await work();
        setShown(await sessions.list());
        setFault("");
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        setFault(error.title);
      }
    },
    [sessions],
  );

  useEffect(() => void act(async () => undefined), [act]);

  return (
    <section className="card">
      <h1>Where you are signed in</h1>
      <ul>
        {shown.map(({ id, current, device, last_seen_at }) => (
          <li key={id}>
            <span>
              {device.label}
              <small className="soft">
                {current ? "this browser" : `last seen ${last_seen_at.slice(0, 16).replace("T", " ")} UTC`}
              </small>
            </span>
            {!current && (
              <button type="button" className="danger" onClick={() => act(() => sessions.revoke(id))}>
                Sign out there
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}
