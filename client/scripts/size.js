/** Weighs what a page has to load; fails above the targets. */
import { weigh } from "./bundle.js";

const packages = "packages";
const external = [
  "react",
  "react-dom",
  "react/jsx-runtime",
  "@coatcheck/client",
  "@coatcheck/client/warning",
];
// Bytes, minified and gzipped. What is built upon is not counted twice.
const PARTS = [
  ["@coatcheck/client", `${packages}/client/src/index.ts`, 3000],
  ["@coatcheck/client/bearer", `${packages}/client/src/bearer/index.ts`, 4200], // the client included
  ["@coatcheck/client/warning", `${packages}/client/src/warning/index.ts`, 2000],
  ["@coatcheck/react", `${packages}/react/src/index.ts`, 1000],
];

for (const [name, entry, most] of PARTS) {
  const bytes = await weigh(entry, { external });
  process.stdout.write(`${name.padEnd(26)} ${String(bytes).padStart(5)} of ${most} bytes\n`);
  if (bytes > most) process.exitCode = 1;
}
