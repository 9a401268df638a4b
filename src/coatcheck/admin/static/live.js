// Hears the live stream of the overview, and puts its news where they belong. The server closes it with the session.
(() => {
  const thousands = (number) => (number === null ? "–" : number.toLocaleString("en").replaceAll(",", "\u202f"));
  const source = new EventSource(document.querySelector("[data-live]").dataset.live);
  const list = document.querySelector("[data-newest]");

  const element = (name, text, className = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const moment = (at) => {
    const iso = new Date(at * 1000).toISOString();
    const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(at * 1000);
    const made = element("time", `${day}, ${iso.slice(11, 19)} UTC`);
    made.dateTime = iso;
    return made;
  };

  const arrival = ({ id, who, device, at }) => {
    const item = element("li", "");
    const link = element("a", who);
    link.href = list.dataset.path + id;
    const whoAndWhere = element("span", "");
    whoAndWhere.append(link, " ", element("span", device, "soft"));
    item.append(whoAndWhere, " ", moment(at));
    return item;
  };

  source.addEventListener("figures", ({ data }) => {
    const news = JSON.parse(data);
    const figures = { alive: news.alive, ...news.totals };
    for (const place of document.querySelectorAll("[data-figure]")) {
      place.textContent = thousands(figures[place.dataset.figure]);
    }
    // Whoever is on a link there keeps it.
    if (news.newest.length && !list.contains(document.activeElement)) list.replaceChildren(...news.newest.map(arrival));
    dispatchEvent(new CustomEvent("figures", { detail: news }));
  });
  addEventListener("pagehide", () => source.close());
})();
