"use client";

import { useActionState } from "react";
import { saveAbout } from "./actions";

export function AboutForm({ about }: { readonly about: string }) {
  const [said, save, saving] = useActionState(saveAbout, "");
  return (
    <form action={save}>
      <label>
        About you
        <input name="about" defaultValue={about} maxLength={200} />
        <small className="soft">Kept in your session, so it is gone when you sign out.</small>
      </label>
      <p className="row">
        <button type="submit" disabled={saving}>
          Save
        </button>
        <span role="status" className="soft">
          {said}
        </span>
      </p>
    </form>
  );
}
