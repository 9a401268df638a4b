import { sheet } from "./style.js";

/** Build the dialog: element by element, as a page may forbid HTML from strings (Trusted Types). */
export const markup = (host: HTMLElement) => {
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet()];
  const add = <Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string, parent: Node = dialog) => {
    const made = parent.appendChild(document.createElement(tag));
    made.id = name;
    made.setAttribute("part", name);
    return made;
  };
  const dialog: HTMLDialogElement = add("dialog", "dialog", root);
  const parts = {
    dialog,
    title: add("h2", "title"),
    text: add("p", "text"),
    countdown: add("p", "countdown"),
    status: add("p", "status"),
    primary: add("button", "primary"),
    secondary: add("button", "secondary"),
  };
  dialog.role = "alertdialog";
  dialog.setAttribute("aria-labelledby", "title");
  dialog.setAttribute("aria-describedby", "text status");
  parts.text.role = parts.status.role = "status";
  return parts;
};
