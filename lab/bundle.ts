/** Programs of the laboratory that are written in TypeScript and run in processes of their own. */
import { randomUUID } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";
import { projectFile } from "./paths.ts";

/** In dist, from where node finds the packages that are not bundled. */
const dist = projectFile("dist/");
const bundled = new Map<string, Promise<string>>();

/** CommonJS dependencies call `require`, which an ES module does not have. */
const banner = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
].join("\n");

/** Bundles a source, as `lab/simulator/main.ts`, once, into a file of this name; gives its path. */
export function bundleProgram(source: string, name: string): Promise<string> {
  const known = bundled.get(source) ?? bundle(source, name);
  bundled.set(source, known);
  return known;
}

/** Other laboratories may write the same file at the same time: each writes its own and renames it. */
async function bundle(source: string, name: string): Promise<string> {
  const outfile = `${dist}${basename(name)}`;
  const own = `${outfile}.${randomUUID()}.js`;
  await mkdir(dist, { recursive: true });
  await build({
    entryPoints: [projectFile(source)],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["koffi"],
    banner: { js: banner },
    outfile: own,
  });
  await rename(own, outfile);
  return outfile;
}
