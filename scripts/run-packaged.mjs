#!/usr/bin/env node
// run-packaged.mjs [--json FILE] [--jobs N] [--only BUILD]… [NAME…]: builds the archives that bring a runtime, and runs scenarios with the program of
// each (a short set, or the files whose name holds a NAME). BUILD: glibc and musl are for this machine; arm64-glibc and arm64-musl run under qemu's user
// mode, which has no packet sockets for a gateway: it answers what a build answers before it serves. All unless told, the first two where a NAME is given.
// FILE gets { passed, failed, seconds, failures }. Exit codes: 0 all passed, 1 some failed, 2 wrong usage or the laboratory cannot run here.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { emulate } from "./packaging/emulated.mjs";
import { makeMuslLibraries } from "./packaging/musl.mjs";
import { pinned } from "./packaging/npm-parts.mjs";
import { runtimePart } from "./packaging/tree.mjs";

const answers = "build-answers";
const shortSet = ["life-dnsmasq", "reach", "xlat.lab", answers];
const own = {
  glibc: { arch: process.arch, libc: "glibc" },
  musl: { arch: process.arch, libc: "musl" },
};
const emulated = {
  "arm64-glibc": { arch: "arm64", libc: "glibc", isEmulated: true },
  "arm64-musl": { arch: "arm64", libc: "musl", isEmulated: true },
};
// There the others are of arm64, and no emulator is between.
const builds = process.arch === "arm64" ? own : { ...own, ...emulated };
const runtimes = { glibc: "node", musl: "bun-musl" };
const titles = { node: "Node.js", bun: "Bun" };

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    json: { type: "string" },
    jobs: { type: "string", default: "4" },
    only: { type: "string", multiple: true },
  },
  allowPositionals: true,
});
const chosen = values.only ?? Object.keys(positionals.length > 0 ? own : builds);
function refuse(why) {
  console.error(`run-packaged: ${why}`);
  process.exit(2);
}
for (const name of chosen) {
  if (builds[name] === undefined)
    refuse(`${JSON.stringify(name)} is unknown; there are ${Object.keys(builds).join(", ")}`);
  if (builds[name].isEmulated && positionals.length > 0)
    refuse(`${name} serves no scenario but ${answers}, which runs where no NAME is given`);
}

/** Builds and unpacks; gives the directory with the program. */
async function unpacked({ arch, libc }, directory) {
  const options = ["--out", directory, "--only", "archive", "--runtime", runtimes[libc], "--arch", arch];
  execFileSync(join(root, "scripts/package"), options, { stdio: "inherit" });
  const archive = (await readdir(directory)).find((name) => name.endsWith(`-${libc}.tar.gz`));
  execFileSync("tar", ["-xzf", join(directory, archive), "-C", directory]);
  return join(directory, archive.replace(".tar.gz", ""), "lib");
}

/** What the laboratory is told of a build. */
async function environment(build, directory) {
  const { arch, libc, isEmulated } = build;
  const { name, program } = runtimePart(runtimes[libc], arch);
  const lib = await unpacked(build, directory);
  const env = { LAB_BUILD_RUNTIME: `${titles[program]} ${pinned(name).version}, ${arch}` };
  if (isEmulated) {
    emulate(lib, { libc, program, directory });
    return { ...env, LAB_BUILD: join(lib, "gateway") };
  }
  if (libc === "musl") {
    env.LAB_MUSL_LIBRARIES = join(directory, "musl");
    makeMuslLibraries(env.LAB_MUSL_LIBRARIES);
  } else {
    // Installers install the same build then; the laboratory's systems have no musl.
    env.LAB_PACKAGE_RUNTIME = runtimes[libc];
  }
  return { ...env, LAB_GATEWAY: join(lib, "gateway") };
}

async function runWith(build, directory) {
  const report = join(directory, "report.json");
  const env = { ...process.env, ...(await environment(build, directory)) };
  const names = positionals.length > 0 ? positionals : build.isEmulated ? [answers] : shortSet;
  const options = ["--json", report, "--jobs", values.jobs];
  const argv = [join(root, "scripts/run-scenarios.mjs"), ...options, ...names];
  const child = spawn(process.execPath, argv, { stdio: "inherit", env });
  const code = await new Promise((resolve) => child.once("close", (status) => resolve(status ?? 1)));
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text !== undefined) return { code, ...JSON.parse(text) };
  return { code, passed: 0, failed: 1, seconds: 0, failures: [`no report, exit code ${code}`] };
}

const totals = { passed: 0, failed: 0, seconds: 0, failures: [] };
let exitCode = 0;
for (const name of chosen) {
  console.log(`-- the build for ${name}`);
  const directory = await mkdtemp(join(tmpdir(), "gateway-packaged-"));
  try {
    const { code, passed, failed, seconds, failures } = await runWith(builds[name], directory);
    totals.passed += passed;
    totals.failed += failed;
    totals.seconds += seconds;
    totals.failures.push(...failures.map((failure) => `${name}: ${failure}`));
    exitCode = Math.max(exitCode, code);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(totals)}\n`);
process.exit(exitCode);
