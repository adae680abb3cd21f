/** What the program loads before it knows which command it is to carry out: each command pays for that. */
import { type BuildResult, build } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { commandLine, heavy } from "../scripts/bundles.mjs";

/** Read by every command, whole; a fifth more than there is. */
const mostBytes = 440_000;
/** Takes long to run, and no command needs it to say what it can do. */
const notAtStart = [
  "node_modules/zod/",
  "node_modules/ipaddr.js/",
  "node_modules/smol-toml/",
  "src/config/schema.ts",
];

type Metafile = BuildResult<{ metafile: true }>["metafile"];

let metafile: Metafile;
beforeAll(async () => {
  ({ metafile } = await build({ ...commandLine, sourcemap: false, metafile: true, write: false }));
}, 60_000);

/** What is run at once: all that is imported by statements, from the entry on. */
function atStart({ inputs }: Metafile): readonly string[] {
  const found = new Set<string>();
  const follow = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind, external } of inputs[path]?.imports ?? [])
      if (kind !== "dynamic-import" && !external) follow(next);
  };
  follow("src/main.ts");
  return [...found];
}

it("starts with the command line alone", () => {
  const [output] = Object.values(metafile.outputs);
  expect(output?.bytes).toBeGreaterThan(100_000);
  expect(output?.bytes).toBeLessThan(mostBytes);
  const sources = atStart(metafile);
  expect(sources).toContain("src/cli/program.ts");
  expect(sources.filter((path) => notAtStart.some((part) => path.startsWith(part)))).toEqual([]);
});

it("has nothing in it of what is a program of its own", () => {
  const [output] = Object.values(metafile.outputs);
  expect(Object.keys(output?.inputs ?? {}).filter((path) => Object.values(heavy).includes(path))).toEqual([]);
  const imports = output?.imports ?? [];
  const later = imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path);
  // Node.js takes its time for HTTP, which who asks nobody does not need.
  expect(imports.map(({ path, kind }) => `${kind} ${path}`)).not.toContain("import-statement node:http");
  expect([...new Set(later)].filter((path) => path.startsWith("./")).toSorted()).toEqual(
    Object.keys(heavy)
      .map((name) => `./${name}.js`)
      .toSorted(),
  );
  // The kernel's and the packets' ways in are among what only those need.
  const sources = Object.keys(metafile.inputs);
  expect(sources.filter((path) => /^src\/(app|machine|wire|io\/kernel|io\/packet)\//.test(path))).toEqual([]);
});
