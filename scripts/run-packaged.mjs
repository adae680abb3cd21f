#!/usr/bin/env node
// run-packaged.mjs [--json FILE] [--only glibc|musl] [NAME…]: builds the archives that bring a runtime to this machine, and runs scenarios with
// the program of each (the short set below, or the files whose name holds a NAME). FILE gets { passed, failed, seconds, failures }.
// Exit codes: 0 all passed, 1 some failed, 2 wrong usage or the laboratory cannot run here.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeMuslLibraries } from "./packaging/musl.mjs";

const shortSet = ["life-dnsmasq", "reach", "xlat.lab"];
const runtimes = { glibc: "node", musl: "bun-musl" };

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string", multiple: true, default: Object.keys(runtimes) },
  },
  allowPositionals: true,
});
for (const name of values.only)
  if (runtimes[name] === undefined) {
    console.error(
      `run-packaged: ${JSON.stringify(name)} is unknown; there are ${Object.keys(runtimes).join(", ")}`,
    );
    process.exit(2);
  }

/** Builds and unpacks; gives the path of the command `gateway`. */
async function unpacked(libc, directory) {
  const options = [
    "--out",
    directory,
    "--only",
    "archive",
    "--runtime",
    runtimes[libc],
    "--arch",
    process.arch,
  ];
  execFileSync(join(root, "scripts/package"), options, { stdio: "inherit" });
  const archive = (await readdir(directory)).find((name) => name.endsWith(`-${libc}.tar.gz`));
  execFileSync("tar", ["-xzf", join(directory, archive), "-C", directory]);
  return join(directory, archive.replace(".tar.gz", ""), "lib/gateway");
}

async function runWith(libc, directory) {
  const report = join(directory, "report.json");
  const env = { ...process.env, LAB_GATEWAY: await unpacked(libc, directory) };
  if (libc === "musl") {
    env.LAB_MUSL_LIBRARIES = join(directory, "musl");
    makeMuslLibraries(env.LAB_MUSL_LIBRARIES);
  }
  const names = positionals.length > 0 ? positionals : shortSet;
  const argv = [join(root, "scripts/run-scenarios.mjs"), "--json", report, ...names];
  const child = spawn(process.execPath, argv, { stdio: "inherit", env });
  const code = await new Promise((resolve) => child.once("close", (status) => resolve(status ?? 1)));
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text !== undefined) return { code, ...JSON.parse(text) };
  return { code, passed: 0, failed: 1, seconds: 0, failures: [`no report, exit code ${code}`] };
}

const totals = { passed: 0, failed: 0, seconds: 0, failures: [] };
let exitCode = 0;
for (const libc of values.only) {
  const directory = await mkdtemp(join(tmpdir(), "gateway-packaged-"));
  try {
    const { code, passed, failed, seconds, failures } = await runWith(libc, directory);
    totals.passed += passed;
    totals.failed += failed;
    totals.seconds += seconds;
    totals.failures.push(...failures.map((failure) => `${libc}: ${failure}`));
    exitCode = Math.max(exitCode, code);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(totals)}\n`);
process.exit(exitCode);
