// Follows how far signing everybody out has come, then shows the page that says so.
(() => {
  const bar = document.querySelector("[data-progress]");
  const ended = document.querySelector("[data-ended]");
  const look = async () => {
    const answer = await fetch(bar.dataset.progress, { headers: { "Coatcheck-Activity": "passive" } });
    if (!answer.ok) return location.reload();
    const walk = await answer.json();
    bar.value = walk.share;
    ended.textContent = walk.ended.toLocaleString("en").replaceAll(",", "\u202f");
    if (walk.done) location.reload();
    else setTimeout(look, 1000);
  };
  setTimeout(look, 500);
})();
