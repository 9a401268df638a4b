/** How everything is built that is built: the script of the wheel, and what is weighed. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const workspace = fileURLToPath(new URL("..", import.meta.url));

/** The script that the Python package serves. */
export const SCRIPT = fileURLToPath(new URL("../../src/coatcheck/web/api/client.js", import.meta.url));

/**
 * Bundles and minifies an entry.
 *
 * @param {string} entry - path below the workspace
 * @param {import("esbuild").BuildOptions} options
 */
export const bundle = async (entry, options = {}) => {
  const { outputFiles } = await build({
    absWorkingDir: workspace,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    write: false,
    ...options,
  });
  return outputFiles[0].text;
};

export const bundleScript = () => bundle("packages/client/src/script.ts", { format: "iife" });

/** Bytes, minified and gzipped. */
export const weigh = async (entry, options) => gzipSync(await bundle(entry, options), { level: 9 }).length;
