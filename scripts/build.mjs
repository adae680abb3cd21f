// Bundles the programs into dist/: one file each, readable stack traces, koffi left outside for its binary.
import { chmodSync, existsSync, readdirSync } from "node:fs";
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
  { from: "src/main.ts", to: "dist/gateway.js" },
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

for (const { from, to } of entries) {
  await build({
    absWorkingDir: root,
    entryPoints: [from],
    outfile: to,
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
  });
  chmodSync(at(to), 0o755);
  if (!process.argv.includes("--quiet")) console.log(`${from} -> ${to}`);
}

if (existsSync(at("src/web"))) {
  const names = await buildWeb(root);
  if (!process.argv.includes("--quiet")) for (const name of names) console.log(`src/web -> dist/web/${name}`);
}
