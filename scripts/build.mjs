// Bundles the programs into dist/, readable stack traces, koffi left outside for its binary. dist/gateway.js has the command line and what asks the running
// gateway, in one file, since each further one costs a start a millisecond; what is heavy is a program of its own, dist/gateway-*.js, that it loads.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { buildWeb } from "./build-web.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(root, ...parts);

const benches = existsSync(at("bench"))
  ? readdirSync(at("bench")).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  : [];
// The packet reader is a thread's program and must lie beside every bundle that opens packet sockets.
const entries = [
  { from: "lab/main.ts", to: "dist/lab.js" },
  { from: "src/io/packet/reader-program.ts", to: "dist/packet-reader.js" },
  ...benches.map((name) => ({ from: `bench/${name}`, to: `dist/bench/${basename(name, ".ts")}.js` })),
  ...(benches.length > 0
    ? [{ from: "src/io/packet/reader-program.ts", to: "dist/bench/packet-reader.js" }]
    : []),
].filter(({ from }) => existsSync(at(from)));

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

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["koffi", "esbuild", "playwright-core"],
  banner: { js: banner },
  sourcemap: true,
  minifySyntax: true,
  minifyIdentifiers: false,
  keepNames: false,
  legalComments: "none",
  logLevel: "warning",
  plugins: [englishOnly, withoutComments],
};
const quiet = process.argv.includes("--quiet");

const stale = existsSync(at("dist"))
  ? readdirSync(at("dist")).filter((f) => /^gateway-.*\.js(\.map)?$/.test(f))
  : [];
for (const file of stale) rmSync(at("dist", file));

/** What the command line loads as programs of their own: they share nothing with it but what is handed over and thrown (docs/adr/0029). */
const heavy = {
  "gateway-run": "src/wiring/run-gateway.ts",
  "gateway-cleanup": "src/wiring/remove-all.ts",
  "gateway-direct": "src/wiring/look-direct.ts",
  "gateway-diagnose": "src/wiring/run-diagnose.ts",
  "gateway-self-test": "src/wiring/self-test.ts",
  "gateway-forwards": "src/wiring/forward-commands.ts",
  "gateway-config": "src/cli/config-commands.ts",
  "gateway-import": "src/cli/config-import.ts",
};
const heavyApart = {
  name: "heavy-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      const found = Object.entries(heavy).find(([, from]) => join(resolveDir, path) === at(from));
      return kind === "dynamic-import" && found ? { path: `./${found[0]}.js`, external: true } : undefined;
    });
  },
};
await build({
  ...common,
  entryPoints: ["src/main.ts"],
  outfile: "dist/gateway.js",
  plugins: [...common.plugins, heavyApart],
});
chmodSync(at("dist/gateway.js"), 0o755);
if (!quiet) console.log("src/main.ts -> dist/gateway.js");
for (const [name, from] of Object.entries(heavy)) {
  // The daemon alone loads parts of itself later.
  const parts = name === "gateway-run" ? { splitting: true, chunkNames: "gateway-[hash]" } : {};
  await build({ ...common, entryPoints: { [name]: from }, outdir: "dist", ...parts });
  if (!quiet) console.log(`${from} -> dist/${name}.js`);
}

for (const { from, to } of entries) {
  await build({ ...common, entryPoints: [from], outfile: to });
  chmodSync(at(to), 0o755);
  if (!quiet) console.log(`${from} -> ${to}`);
}

/** Made once, here: `gateway schema` would need longer to make them than for all the rest. */
const maker = at("dist/schemas.js");
await build({ ...common, entryPoints: ["src/cli/output-schemas.ts"], sourcemap: false, outfile: maker });
const { outputSchemas } = await import(maker);
rmSync(maker);
writeFileSync(at("dist/gateway-schemas.json"), JSON.stringify(outputSchemas()));
if (!quiet) console.log("src/cli/output-schemas.ts -> dist/gateway-schemas.json");

writeFileSync(at("dist/gateway.1"), execFileSync(process.execPath, [at("dist/gateway.js"), "man"]));
if (!quiet) console.log("gateway man -> dist/gateway.1");

if (existsSync(at("src/web"))) {
  const names = await buildWeb(root);
  if (!quiet) for (const name of names) console.log(`src/web -> dist/web/${name}`);
}
