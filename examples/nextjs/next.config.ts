import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  experimental: { authInterrupts: true }, // forbidden() answers 403
  // Coatcheck's packages are on no index yet: their sources stand in, from above this folder (tsconfig.json names
  // them). An app that installs them leaves this out.
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "Referrer-Policy", value: "same-origin" },
        {
          key: "Content-Security-Policy",
          value: "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        },
        { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
      ],
    },
  ],
};

export default config;
