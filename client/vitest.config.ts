import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the sources of both packages; a test that needs a document says so in its first line. */
export default defineConfig({
  resolve: {
    alias: {
      "@coatcheck/client/warning": source("packages/client/src/warning/index.ts"),
      "@coatcheck/client": source("packages/client/src/index.ts"),
    },
  },
  test: { include: ["packages/*/test/**/*.test.{ts,tsx}"], restoreMocks: true },
});
