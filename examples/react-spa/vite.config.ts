import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const source = (path: string) => fileURLToPath(new URL(`../../client/packages/${path}`, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: {
    // Coatcheck's packages are on no index yet: their sources stand in. An app that installs them needs none of this.
    alias: {
      "@coatcheck/client/warning": source("client/src/warning/index.ts"),
      "@coatcheck/client": source("client/src/index.ts"),
      "@coatcheck/react": source("react/src/index.ts"),
    },
    dedupe: ["react", "react-dom"],
  },
  // No data: URLs, which the page's policy forbids.
  build: { assetsInlineLimit: 0 },
  // `npm run dev` serves the page, and asks the server (python server.py) for the rest.
  server: { proxy: { "/auth": "http://127.0.0.1:8000", "/api": "http://127.0.0.1:8000" } },
});
