// Draws the figures that stand in the page, and takes the news that live.js hears.
(() => {
  const series = JSON.parse(document.getElementById("figures").textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const thousands = (number) => (number === null ? "–" : number.toLocaleString("en").replaceAll(",", "\u202f"));
  const time = (at) => new Date(at * 1000).toISOString().slice(11, 16);
  const charts = [];
  const WHOLE = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

  const shapes = {
    alive: () => [{ key: "alive", label: "Live", stroke: colour("--accent"), fill: colour("--accent-wash") }],
    "sign-ins": () => [
      { key: "sign_ins", label: "Sign-ins", stroke: colour("--accent"), fill: colour("--accent"), bars: true },
      { key: "failures", label: "Failures", stroke: colour("--danger"), fill: colour("--danger"), bars: true },
    ],
  };

  const axis = () => ({
    stroke: colour("--ink-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  });

  const options = (place, lines) => ({
    width: place.clientWidth,
    height: place.clientHeight,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false }, y: { range: (_, least, most) => range(lines, least, most) } },
    axes: [
      { ...axis(), values: (_, ats) => ats.map(time), space: 60, size: 26, incrs: [300, 600, 900, 1800, 3600, 7200, 14400] },
      { ...axis(), values: (_, numbers) => numbers.map((n) => (Number.isInteger(n) ? thousands(n) : "")), size: 48, incrs: WHOLE },
    ],
    series: [
      {},
      ...lines.map(({ key, label, stroke, fill, bars }) => ({
        label,
        stroke,
        fill,
        width: bars ? 0 : 2,
        points: { show: !bars && series[key].filter((number) => number !== null).length < 3 },
        spanGaps: true,
        ...(bars && { paths: uPlot.paths.bars({ size: [0.7, 14] }) }),
      })),
    ],
    hooks: { setCursor: [(chart) => say(place, chart, lines)] },
  });

  // Counts stand on zero; a level is looked at closely.
  const range = (lines, least, most) => {
    const top = Math.max(most ?? 0, 1);
    const room = Math.max(1, Math.ceil((top - (least ?? 0)) * 0.25));
    return lines[0].bars ? [0, top + Math.max(1, Math.ceil(top * 0.1))] : [Math.max(0, (least ?? 0) - room), top + room];
  };

  const say = (place, chart, lines) => {
    const { idx } = chart.cursor;
    const told = place.querySelector(".tip");
    if (idx === null || idx === undefined) {
      told.textContent = "";
      return;
    }
    const parts = lines.map(({ label }, number) => `${label} ${thousands(chart.data[number + 1][idx] ?? null)}`);
    told.textContent = `${time(chart.data[0][idx])} UTC: ${parts.join(", ")}`;
  };

  const columns = (lines) => [series.at, ...lines.map(({ key }) => series[key])];

  const describe = (place, lines) => {
    const last = lines.map(({ key, label }) => {
      const known = series[key].filter((number) => number !== null);
      return `${label}: ${thousands(known.at(-1) ?? null)} now, ${thousands(known.length ? Math.max(...known) : null)} at most`;
    });
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", last.join("; "));
  };

  const draw = () => {
    for (const chart of charts.splice(0)) chart.plot.destroy();
    for (const place of document.querySelectorAll("[data-chart]")) {
      const lines = shapes[place.dataset.chart]();
      place.replaceChildren();
      const plot = new uPlot(options(place, lines), columns(lines), place);
      const tip = document.createElement("p");
      tip.className = "tip";
      place.append(tip);
      describe(place, lines);
      charts.push({ place, plot, lines });
    }
  };

  // News name their minutes: what is known is replaced, what is new pushes out the oldest.
  const take = (minutes) => {
    for (const [place, at] of minutes.at.entries()) {
      const known = series.at.indexOf(at);
      for (const key of Object.keys(series)) {
        if (known >= 0) series[key][known] = minutes[key][place];
        else if (at > series.at.at(-1)) series[key].push(minutes[key][place]);
      }
      if (known < 0) for (const key of Object.keys(series)) series[key].shift();
    }
    for (const { place, plot, lines } of charts) {
      plot.setData(columns(lines));
      describe(place, lines);
    }
  };

  draw();
  addEventListener("figures", ({ detail }) => take(detail.minutes));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => {
    for (const { place, plot } of charts) plot.setSize({ width: place.clientWidth, height: place.clientHeight });
  }).observe(document.querySelector(".charts"));
})();
