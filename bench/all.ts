/** All benches one after the other, and the page that tells what they found. Run it as bench/all. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectFile } from "../lab/paths.ts";
import { describeMachine } from "./lib/machine.ts";
import { type Outcome, performancePage } from "./lib/performance-page.ts";
import type { Published } from "./lib/report.ts";

const { values, positionals } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    keep: { type: "string" },
    out: { type: "string", default: projectFile("docs/performance.md") },
  },
  allowPositionals: true,
});

type Settings = Readonly<Record<string, readonly string[]>>;
const full: Settings = {
  onboard: ["--count", "100,300,1000,2000", "--runs", "3", "--limit", "120"],
  forward: ["--count", "1000", "--rounds", "9", "--seconds", "1"],
  proxy: ["--devices", "100", "--runs", "3", "--rounds", "3"],
  xlat464: ["--runs", "3", "--rounds", "5"],
  change: ["--counts", "100,1000", "--changes", "3"],
  single: ["--devices", "100"],
  cli: ["--runs", "20"],
  move: ["--counts", "100,1000"],
  upkeep: ["--devices", "1000", "--idle", "120", "--minutes", "5"],
  dashboard: ["--devices", "1000", "--changes", "50", "--seconds", "20"],
};
const quick: Settings = {
  onboard: ["--count", "50", "--runs", "1", "--limit", "60"],
  forward: ["--count", "200", "--rounds", "3", "--seconds", "0.5"],
  proxy: ["--devices", "20", "--runs", "1", "--rounds", "3"],
  xlat464: ["--runs", "1", "--rounds", "3"],
  change: ["--counts", "50", "--changes", "1"],
  single: ["--devices", "20"],
  cli: ["--runs", "3"],
  move: ["--counts", "50"],
  upkeep: ["--devices", "50", "--idle", "20", "--minutes", "1"],
  dashboard: ["--devices", "200", "--changes", "20", "--seconds", "5", "--runs", "2"],
};
const settings = values.quick ? quick : full;
const names = positionals.length > 0 ? positionals : Object.keys(settings);
const unknown = names.filter((name) => settings[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `bench/all: no bench ${unknown.join(", ")}; there are ${Object.keys(settings).join(", ")}\n`,
  );
  process.exit(2);
}

/** Its exit code. */
const run = (argv: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, { cwd: projectFile("."), stdio: "inherit" });
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 1));
  });

/** What a bench wrote; undefined where there is nothing. */
async function publishedIn(file: string): Promise<Outcome | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { command, report } = JSON.parse(text) as Published;
  return { command, result: report };
}

async function outcomeOf(name: string, directory: string): Promise<Outcome> {
  const file = join(directory, `${name}.json`);
  const kept = await publishedIn(file);
  if (kept) return kept;
  const argv = [`bench/${name}`, ...(settings[name] ?? [])];
  const command = argv.join(" ");
  process.stderr.write(`\n== ${command}\n`);
  const code = await run([...argv, "--json", file]);
  const outcome = code === 0 ? await publishedIn(file) : undefined;
  return outcome ?? { command, result: `it ended with exit code ${code}` };
}

const machine = await describeMachine();
const directory = values.keep ?? (await mkdtemp(join(tmpdir(), "gateway-bench-")));
await mkdir(directory, { recursive: true });
const outcomes: Outcome[] = [];
for (const name of names) outcomes.push(await outcomeOf(name, directory));
if (values.keep === undefined) await rm(directory, { recursive: true, force: true });
await writeFile(values.out, performancePage(machine, outcomes));
process.stderr.write(`\nwritten: ${values.out}\n`);
process.exit(outcomes.some(({ result }) => typeof result === "string") ? 1 : 0);
