/** Writes the types of the API's answers from their schema; with `--check` it only compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const types = new URL("../packages/client/src/wire.ts", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("../schema/wire.json", import.meta.url), "utf8"));
const written = await compile(schema, "Wire", {
  bannerComment: `/**
 * What the server says, word for word.
 * Written by \`npm run wire\` from client/schema/wire.json, which the Python side writes: change it there.
 */`,
  unreachableDefinitions: true,
  style: { printWidth: 110 },
});

if (!process.argv.includes("--check")) writeFileSync(types, written);
else if (readFileSync(types, "utf8") !== written) {
  process.stderr.write("packages/client/src/wire.ts is stale: run `npm run wire` in client/\n");
  process.exitCode = 1;
}
