/** What the program loads before it knows which command it is to carry out: each command pays for that. */
import { build } from "esbuild";
import { expect, it } from "vitest";

const mostBytes = 200_000;
/** Takes long to load, and no command needs it to say what it can do. */
const notAtStart = [
  "node_modules/zod/",
  "node_modules/ipaddr.js/",
  "node_modules/smol-toml/",
  "src/config/schema.ts",
];

it("starts with the command line alone", { timeout: 60_000 }, async () => {
  const { metafile } = await build({
    entryPoints: { gateway: "src/main.ts" },
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["koffi"],
    minifySyntax: true,
    metafile: true,
    write: false,
  });
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? [])
      if (kind === "import-statement" && !external) load(next);
  };
  load("dist/gateway.js");
  const outputs = [...loaded].map((path) => metafile.outputs[path]);
  expect(outputs.reduce((sum, output) => sum + (output?.bytes ?? 0), 0)).toBeLessThan(mostBytes);
  const sources = outputs.flatMap((output) => Object.keys(output?.inputs ?? {}));
  expect(sources).toContain("src/cli/program.ts");
  expect(sources.filter((path) => notAtStart.some((part) => path.startsWith(part)))).toEqual([]);
});
