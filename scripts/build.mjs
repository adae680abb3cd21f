// Bundles the programs into dist/, readable stack traces, koffi left outside for its binary. The gateway itself is dist/gateway.js and what it loads when a
// command needs it, dist/gateway-*.js; the others are one file each.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
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
  plugins: [englishOnly],
};
const quiet = process.argv.includes("--quiet");

const stale = existsSync(at("dist"))
  ? readdirSync(at("dist")).filter((f) => /^gateway-.*\.js(\.map)?$/.test(f))
  : [];
for (const file of stale) rmSync(at("dist", file));
await build({
  ...common,
  entryPoints: { gateway: "src/main.ts" },
  outdir: "dist",
  splitting: true,
  chunkNames: "gateway-[hash]",
});
chmodSync(at("dist/gateway.js"), 0o755);
if (!quiet) console.log("src/main.ts -> dist/gateway.js, dist/gateway-*.js");

for (const { from, to } of entries) {
  await build({ ...common, entryPoints: [from], outfile: to });
  chmodSync(at(to), 0o755);
  if (!quiet) console.log(`${from} -> ${to}`);
}

writeFileSync(at("dist/gateway.1"), execFileSync(process.execPath, [at("dist/gateway.js"), "man"]));
if (!quiet) console.log("gateway man -> dist/gateway.1");

if (existsSync(at("src/web"))) {
  const names = await buildWeb(root);
  if (!quiet) for (const name of names) console.log(`src/web -> dist/web/${name}`);
}
