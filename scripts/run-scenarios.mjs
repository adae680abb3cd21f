#!/usr/bin/env node
// run-scenarios.mjs [--jobs N] [--json FILE] [NAME…]: runs lab/scenarios/*.lab.ts (those whose file name holds a NAME), each file in a
// sandbox of its own, several at once; *.alone.lab.ts one after the other at the end, because they take the machine for themselves or fill what all
// namespaces share (the neighbour table). Prints a line a scenario, and a total; FILE gets { passed, failed, seconds, failures }.
// Exit codes: 0 all passed, 1 some failed, 2 wrong usage or the laboratory cannot run here.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "../lab/sandbox/launch.mjs";
import { makeNeighbourRoom } from "../lab/sandbox/neighbour-room.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  options: { jobs: { type: "string", default: "4" }, json: { type: "string" } },
  allowPositionals: true,
});
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const config = join(root, "vitest.lab.config.ts");

async function scenarioFiles() {
  const names = (await readdir(join(root, "lab/scenarios")))
    .filter((name) => name.endsWith(".lab.ts"))
    .sort();
  return names.filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
}

/** The last lines that the sandbox printed, for a file whose report never came. */
const lastLines = (text) => text.trim().split("\n").slice(-15).join("\n");

async function runFile(file, directory) {
  const report = join(directory, `${file}.json`);
  let output = "";
  const argv = [
    "run",
    "--config",
    config,
    "--reporter=json",
    `--outputFile=${report}`,
    `lab/scenarios/${file}`,
  ];
  const code = await launch([process.execPath, vitest, ...argv, "--root", root], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { NO_COLOR: "1" },
    onStart: (child) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          output = (output + chunk).slice(-20_000);
        });
      }
    },
  });
  const text = await readFile(report, "utf8").catch(() => undefined);
  return { file, code, output, tests: text === undefined ? undefined : readReport(JSON.parse(text)) };
}

function readReport({ testResults }) {
  return testResults.flatMap(({ assertionResults, message }) =>
    assertionResults.length === 0
      ? [{ name: "the file itself", passed: false, seconds: 0, messages: [message] }]
      : assertionResults
          .filter(({ status }) => status === "passed" || status === "failed")
          .map(({ fullName, status, duration, failureMessages, meta }) => ({
            name: fullName,
            passed: status === "passed",
            seconds: (duration ?? 0) / 1000,
            notes: meta?.notes ?? [],
            messages: failureMessages.map((text) =>
              // Vitest's JSON report has no better words for this.
              text.startsWith("Error: STACK_TRACE_ERROR") ? "ran out of time" : text,
            ),
          })),
  );
}

const indent = (text) => text.replace(/^/gm, "      ");

function print(file, { name, passed, seconds, messages, notes = [] }) {
  console.log(
    `${passed ? "pass" : "FAIL"}  ${seconds.toFixed(1).padStart(6)} s  ${file.replace(".lab.ts", "")}: ${name}`,
  );
  for (const note of notes) console.log(indent(note));
  for (const message of messages) console.log(indent(message));
}

const started = performance.now();
const files = await scenarioFiles();
if (files.length === 0) {
  console.error(`no scenario file matches ${positionals.join(" ")}`);
  process.exit(2);
}
const directory = await mkdtemp(join(tmpdir(), "gateway-scenarios-"));
const totals = { passed: 0, failed: 0, seconds: 0, failures: [] };
let cannotRun = false;

async function work(queue) {
  for (let file = queue.shift(); file !== undefined && !cannotRun; file = queue.shift()) {
    const { code, output, tests } = await runFile(file, directory);
    if (tests === undefined && code === 2) {
      if (!cannotRun) console.error(output.trim());
      cannotRun = true;
      return;
    }
    const lost = [
      {
        name: `ended with exit code ${code} and no report`,
        passed: false,
        seconds: 0,
        messages: [lastLines(output)],
      },
    ];
    for (const result of tests ?? lost) {
      print(file, result);
      totals[result.passed ? "passed" : "failed"]++;
      if (!result.passed) totals.failures.push(`${file}: ${result.name}`);
    }
  }
}

const isAlone = (file) => file.endsWith(".alone.lab.ts");
const queue = files.filter((file) => !isAlone(file));
const aloneQueue = files.filter(isAlone);
// The sandboxes end by themselves on these (launch.mjs); no further one starts.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    queue.length = 0;
    aloneQueue.length = 0;
  });
}
// Each laboratory would put back what another still needs.
const restore = makeNeighbourRoom();
await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs) || 1) }, () => work(queue)));
await work(aloneQueue);
restore();
await rm(directory, { recursive: true, force: true });
totals.seconds = Math.round((performance.now() - started) / 1000);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(totals)}\n`);
console.log(`scenarios: ${totals.passed} passed, ${totals.failed} failed, ${totals.seconds} s`);
process.exit(cannotRun ? 2 : totals.failed > 0 ? 1 : 0);
