// Bundles the programs into dist/, readable stack traces, koffi left outside for its binary. dist/gateway.js has the command line and what asks the running
// gateway, in one file, since each further one costs a start a millisecond; what is heavy is a program of its own, dist/gateway-*.js, that it loads.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildWeb } from "./build-web.mjs";
import { commandLine, common, heavy } from "./bundles.mjs";

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

const quiet = process.argv.includes("--quiet");

const stale = existsSync(at("dist"))
  ? readdirSync(at("dist")).filter((f) => /^gateway-.*\.js(\.map)?$/.test(f))
  : [];
for (const file of stale) rmSync(at("dist", file));

await build(commandLine);
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

/** As nmap writes it; who kept his name to himself is nobody's. */
const makers = Object.entries(createRequire(import.meta.url)("oui-data"))
  .map(([prefix, text]) => `${prefix} ${text.split("\n", 1)[0]}`)
  .filter((line) => !line.endsWith(" Private"));
writeFileSync(at("dist/vendors.txt"), `${makers.join("\n")}\n`);
if (!quiet) console.log("oui-data -> dist/vendors.txt");

writeFileSync(at("dist/gateway.1"), execFileSync(process.execPath, [at("dist/gateway.js"), "man"]));
if (!quiet) console.log("gateway man -> dist/gateway.1");

if (existsSync(at("src/web"))) {
  const names = await buildWeb(root);
  if (!quiet) for (const name of names) console.log(`src/web -> dist/web/${name}`);
}
