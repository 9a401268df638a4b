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
      if (response.ok) setText(await response.json());
    };
    void load();
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
        value={text ?? ""}
        onChange={({ target }) => {
          setText(target.value);
          draft.type(target.value);
          setStatus("");
        }}
      />
      <p className="row">
        <button type="button" onClick={save}>
          Save
        </button>
        <span className="soft" role="status">
          {status}
        </span>
      </p>
    </section>
  );
}
