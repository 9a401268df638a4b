// What somebody was typing when their session ended comes back, once the same user has signed in again in this tab.
// It runs on the pages of signed-in users alone.

const KEY = "unsaved";
const { user } = document.documentElement.dataset;
const fields = () => [...document.querySelectorAll("[data-draft]")];

const save = () => {
  const changed = fields().filter((field) => field.value !== field.defaultValue);
  const texts = Object.fromEntries(changed.map((field) => [field.name, field.value]));
  if (changed.length) sessionStorage.setItem(KEY, JSON.stringify({ user, texts }));
};

const restore = () => {
  const draft = JSON.parse(sessionStorage.getItem(KEY));
  if (!draft) return;
  if (draft.user !== user) return sessionStorage.removeItem(KEY);
  for (const field of fields().filter(({ name }) => name in draft.texts)) {
    sessionStorage.removeItem(KEY);
    if (field.value === draft.texts[field.name]) continue; // it arrived after all
    field.value = draft.texts[field.name];
    for (const notice of field.form.querySelectorAll("[data-restored]")) notice.hidden = false;
  }
};

document.addEventListener("coatcheck:save", save);
// The session may be over by the time the form arrives.
document.addEventListener("submit", ({ target }) => target.querySelector("[data-draft]") && save());
restore();
