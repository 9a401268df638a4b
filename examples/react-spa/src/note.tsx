import { useSessionClient } from "@coatcheck/react";
import { useEffect, useState } from "react";
import { useDraft } from "./use-draft";

export function Note({ userId }: { readonly userId: string }) {
  const client = useSessionClient();
  const draft = useDraft("note", userId);
  const [text, setText] = useState(draft.kept);
  const [status, setStatus] = useState(
    text === null ? "" : "This is what you had typed when your session ended.",
  );

  useEffect(() => {
    if (text !== null) return;
    const load = async () => {
      const response = await client.fetch("/api/note");
      if (!response.ok) throw new Error(response.statusText);
      const loaded = await response.json();
      setText((typed) => typed ?? loaded);
    };
    load().catch(() => setStatus("Your note could not be loaded. Please load the page anew."));
  }, [client, text]);

  async function save() {
    const response = await client.fetch("/api/note", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(text),
    });
    if (response.ok) draft.drop();
    setStatus(response.ok ? "Saved." : "That could not be saved. Please try again.");
  }

  return (
    <section className="card">
      <h2>Your note</h2>
      <textarea
        aria-label="Your note"
        rows={6}
        readOnly={text === null} // what is typed before the note is here would be lost to it
        value={text ?? ""}
        onChange={({ target }) => {
          setText(target.value);
          draft.type(target.value);
          setStatus("");
        }}
      />
      <p className="row">
        <button type="button" onClick={save} disabled={text === null}>
          Save
        </button>
        <span className="soft" role="status">
          {status}
        </span>
      </p>
    </section>
  );
}
