// Runs the stages one after the other, goes on after a failure, and adds up what passed and failed.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name) => join(root, "node_modules/.bin", name);
const reports = await mkdtemp(join(tmpdir(), "gateway-test-"));
const unitReport = join(reports, "unit.json");
const labReport = join(reports, "lab.json");
const packagedReport = join(reports, "packaged.json");

const run = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 1));
  });

const readJson = async (file) => JSON.parse(await readFile(file, "utf8").catch(() => "null"));

/** A stage that is one check: it passes or it fails. */
const check = (name, command, args) => async () => {
  const code = await run(command, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, failures: code === 0 ? [] : [name] };
};

async function unit() {
  const code = await run(bin("vitest"), [
    "run",
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${unitReport}`,
  ]);
  const report = await readJson(unitReport);
  if (report === null)
    return { passed: 0, failed: 1, failures: [`the unit tests ended with exit code ${code} and no report`] };
  const failures = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((a) => a.status !== "passed").map((a) => a.fullName);
    return status === "failed" && failed.length === 0 ? [name] : failed;
  });
  return { passed: report.numPassedTests, failed: Math.max(failures.length, code === 0 ? 0 : 1), failures };
}

const scenarios = (program, reportFile) => async () => {
  const code = await run(process.execPath, [program, "--json", reportFile]);
  const report = await readJson(reportFile);
  if (report === null)
    return { passed: 0, failed: 1, failures: [`the scenarios ended with exit code ${code} and no report`] };
  return {
    passed: report.passed,
    failed: Math.max(report.failed, code === 0 ? 0 : 1),
    failures: report.failures,
  };
};

const stages = [
  ["format and lint", check("format and lint", bin("biome"), ["check", "--error-on-warnings", "."])],
  ["types", check("types", bin("tsc"), ["-p", "tsconfig.json"])],
  ["types of the pure rings", check("types of the pure rings", bin("tsc"), ["-p", "tsconfig.pure.json"])],
  ["types of the dashboard", check("types of the dashboard", bin("tsc"), ["-p", "tsconfig.web.json"])],
  ["unit tests", unit],
  ["the demonstration", check("the demonstration", "scripts/demo", ["--once"])],
  ["scenarios on a real kernel", scenarios("scripts/run-scenarios.mjs", labReport)],
  ["scenarios with packages that bring a runtime", scenarios("scripts/run-packaged.mjs", packagedReport)],
];

let passed = 0;
let failed = 0;
for (const [name, stage] of stages) {
  const started = performance.now();
  console.log(`\n== ${name}`);
  const result = await stage();
  passed += result.passed;
  failed += result.failed;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`== ${name}: ${result.passed} passed, ${result.failed} failed in ${seconds} s`);
  for (const failure of result.failures) console.log(`   FAILED: ${failure}`);
}
await rm(reports, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
