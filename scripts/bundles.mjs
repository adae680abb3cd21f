// How the programs are bundled: options for esbuild.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(root, ...parts);

// CommonJS dependencies call `require`, which an ES module does not have.
const banner = [
  "#!/usr/bin/env node",
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
].join("\n");

/** The words of other languages are half of zod, and every command would load them. */
const englishOnly = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: at("node_modules/zod/v4/locales"),
    }));
  },
};

/** Its comments are a third of it, and every command would read them. */
const withoutComments = {
  name: "without-comments",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/commander\/.*\.js$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, "utf8"), { minifyWhitespace: true })).code,
    }));
  },
};

/** Options for all programs. */
export const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["koffi", "esbuild", "playwright-core"],
  banner: { js: banner },
  sourcemap: true,
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  minifyIdentifiers: false,
  keepNames: false,
  legalComments: "none",
  logLevel: "warning",
  plugins: [englishOnly, withoutComments],
};

/** What the command line loads as programs of their own: they share nothing with it but what is handed over and thrown (docs/adr/0029). */
export const heavy = {
  "gateway-run": "src/wiring/run-gateway.ts",
  "gateway-cleanup": "src/wiring/remove-all.ts",
  "gateway-direct": "src/wiring/look-direct.ts",
  "gateway-diagnose": "src/wiring/run-diagnose.ts",
  "gateway-self-test": "src/wiring/self-test.ts",
  "gateway-forwards": "src/wiring/forward-commands.ts",
  "gateway-config": "src/cli/config-commands.ts",
  "gateway-import": "src/cli/config-import.ts",
};

/** An entry that nothing loads would be built into the command line unseen, as after its file got another name. */
const heavyApart = {
  name: "heavy-apart",
  setup({ onResolve, onEnd }) {
    const missing = new Set(Object.keys(heavy));
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      const found = Object.entries(heavy).find(([, from]) => join(resolveDir, path) === at(from));
      if (kind !== "dynamic-import" || !found) return undefined;
      missing.delete(found[0]);
      return { path: `./${found[0]}.js`, external: true };
    });
    onEnd(() => ({
      errors: [...missing].map((name) => ({ text: `nothing loads ${name} (${heavy[name]})` })),
    }));
  },
};

/** Options for dist/gateway.js. */
export const commandLine = {
  ...common,
  entryPoints: ["src/main.ts"],
  outfile: "dist/gateway.js",
  plugins: [...common.plugins, heavyApart],
};
