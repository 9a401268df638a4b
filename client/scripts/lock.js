/** Takes the addresses out of package-lock.json: npm writes where to send money, and where it downloaded. */
import { readFileSync, writeFileSync } from "node:fs";

const locks = [
  "../package-lock.json",
  "../../examples/nextjs/package-lock.json",
  "../../examples/react-spa/package-lock.json",
  "../../benchmarks/apps/better_auth/package-lock.json",
];

for (const path of locks.map((lock) => new URL(lock, import.meta.url))) {
  const lock = JSON.parse(readFileSync(path, "utf8"));
  for (const entry of Object.values(lock.packages)) {
    if (!entry.link) delete entry.resolved;
    delete entry.funding;
  }
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}
