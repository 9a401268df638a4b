import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One React for everything that asks for it: the testing library too, as the module that asks by name. */
const reactIn = (folder: string) => ({
  "@testing-library/react": source("node_modules/@testing-library/react/dist/@testing-library/react.esm.js"),
  react: source(`${folder}/react`),
  "react-dom": source(`${folder}/react-dom`),
});

/** Tests run on the sources of both packages; a test that needs a document says so in its first line. */
export default defineConfig({
  resolve: {
    alias: {
      "@coatcheck/client/warning": source("packages/client/src/warning/index.ts"),
      "@coatcheck/client": source("packages/client/src/index.ts"),
    },
  },
  test: {
    restoreMocks: true,
    maxWorkers: "100%", // of the cores; left alone it keeps one of them free
    projects: [
      { extends: true, test: { name: "client", include: ["packages/client/test/**/*.test.ts"] } },
      ...["node_modules", "packages/react/node_modules"].map((folder, index) => ({
        extends: true as const,
        resolve: { alias: reactIn(folder) },
        test: {
          name: index ? "react 18" : "react 19",
          include: ["packages/react/test/**/*.test.{ts,tsx}"],
          server: { deps: { inline: ["@testing-library/react"] } },
        },
      })),
    ],
  },
});
