/** Copies what the dashboard draws its charts with; with `--check` it only compares. */
import { readFileSync, writeFileSync } from "node:fs";

const from = new URL("../node_modules/uplot/", import.meta.url);
const to = new URL("../../src/coatcheck/admin/static/", import.meta.url);
const read = (url) => readFileSync(url, "utf8");

const licence = read(new URL("LICENSE", from)).trim();
const files = {
  "uplot.js": `/*! uPlot\n\n${licence}\n*/\n${read(new URL("dist/uPlot.iife.min.js", from)).replace(/^\/\*!.*?\*\/\s*/, "")}`,
  "uplot.css": read(new URL("dist/uPlot.min.css", from)),
};

for (const [name, content] of Object.entries(files)) {
  const target = new URL(name, to);
  if (!process.argv.includes("--check")) writeFileSync(target, content);
  else if (read(target) !== content) {
    process.stderr.write(`src/coatcheck/admin/static/${name} is stale: run \`npm run vendor\` in client/\n`);
    process.exitCode = 1;
  }
}
