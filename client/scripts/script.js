/** Builds the script that the Python package serves; with `--check` it only compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { bundleScript, SCRIPT } from "./bundle.js";

const built = await bundleScript();
if (!process.argv.includes("--check")) writeFileSync(SCRIPT, built);
else if (readFileSync(SCRIPT, "utf8") !== built) {
  process.stderr.write("src/coatcheck/web/api/client.js is stale: run `npm run script` in client/\n");
  process.exitCode = 1;
}
