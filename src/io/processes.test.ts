import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { systemProcesses } from "./processes.ts";
import { backOff } from "./respawn.ts";

let count = 0;
const freshMarker = (): string => `--conf-file=/run/test-${process.pid}-${count++}`;

/** `sh -c script sh marker`: the marker stands as an argument that the script does not use. */
const shell = (marker: string, script: string) => ({
  command: "sh",
  args: ["-c", script, "sh", marker],
  marker,
});

async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  for (let waited = 0; !condition() && waited < limitMs; waited += 10) await sleep(10);
}

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it("backs off from half a second to half a minute", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map(backOff)).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

it("passes lines on from both outputs and starts a child again that ends", async () => {
  const lines: string[] = [];
  const exits: [string, number][] = [];
  const child = await systemProcesses.supervise({
    name: "talker",
    ...shell(freshMarker(), "echo out; echo err >&2; printf unfinished; exit 3"),
    onLine: (line) => lines.push(line),
    onExit: (how, ms) => exits.push([how, ms]),
  });
  await until(() => exits.length === 2);
  await child.stop();
  expect(exits).toEqual([
    ["exit code 3", 500],
    ["exit code 3", 1000],
  ]);
  expect([...lines].sort().slice(0, 2)).toEqual(["err", "err"]);
  expect(lines.filter((line) => line === "unfinished")).toHaveLength(2);
  await sleep(1200);
  expect(exits).toHaveLength(2);
});

it("says that a program is missing and tries again", async () => {
  const exits: string[] = [];
  const child = await systemProcesses.supervise({
    name: "missing",
    command: "no-such-program-here",
    args: [],
    marker: freshMarker(),
    onExit: (how) => exits.push(how),
  });
  await until(() => exits.length === 2);
  await child.stop();
  expect(exits[0]).toContain("ENOENT");
});

it("reloads by SIGHUP, and stops without starting again", async () => {
  const lines: string[] = [];
  let exits = 0;
  const child = await systemProcesses.supervise({
    name: "reloader",
    ...shell(freshMarker(), 'trap "echo again" HUP; echo ready; while :; do sleep 0.05; done'),
    onLine: (line) => lines.push(line),
    onExit: () => exits++,
  });
  await until(() => lines.includes("ready"));
  child.reload();
  await until(() => lines.includes("again"));
  expect(lines).toEqual(["ready", "again"]);
  const { pid } = child;
  await child.stop();
  expect(pid !== undefined && alive(pid)).toBe(false);
  expect(exits).toBe(0);
});

it("finds what an earlier run left by its whole mark, and ends it before it starts", async () => {
  const marker = freshMarker();
  const left = spawn("sh", ["-c", "while :; do sleep 1; done", "sh", marker], {
    detached: true,
    stdio: "ignore",
  });
  const similar = spawn("sh", ["-c", "while :; do sleep 1; done", "sh", `${marker}x`], { stdio: "ignore" });
  await until(() => left.pid !== undefined && similar.pid !== undefined);
  expect(await systemProcesses.find(marker)).toEqual([left.pid]);
  const child = await systemProcesses.supervise({
    name: "next",
    ...shell(marker, "while :; do sleep 1; done"),
  });
  await until(() => left.signalCode !== null);
  expect(left.signalCode).toBe("SIGTERM");
  expect(await systemProcesses.find(marker)).toEqual([child.pid]);
  expect(similar.exitCode).toBeNull();
  await child.stop();
  similar.kill();
  expect(await systemProcesses.find(marker)).toEqual([]);
});

it("kills what does not listen to SIGTERM", async () => {
  const marker = freshMarker();
  const script = 'trap "" TERM; echo ready; while :; do sleep 0.1; done';
  const deaf = spawn("sh", ["-c", script, "sh", marker], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => deaf.stdout.once("data", resolve));
  const from = performance.now();
  await systemProcesses.end(await systemProcesses.find(marker));
  expect(performance.now() - from).toBeGreaterThan(1900);
  await until(() => deaf.signalCode !== null);
  expect(deaf.signalCode).toBe("SIGKILL");
});

it("knows which programs there are", async () => {
  expect(await systemProcesses.has("sh")).toBe(true);
  expect(await systemProcesses.has("no-such-program-here")).toBe(false);
});

it("runs a program to its end in a directory, and tells all that it printed", async () => {
  expect(await systemProcesses.run("sh", ["-c", "pwd; echo complaint >&2; exit 3"], "/")).toEqual({
    code: 3,
    output: "/\ncomplaint\n",
  });
  await expect(systemProcesses.run("no-such-program-here", [], "/")).rejects.toMatchObject({
    code: "tool-missing",
  });
});

it("does not wait for what goes to the background, and hears of its end", async () => {
  const marker = freshMarker();
  const script = "sh -c 'sleep 30' sh \"$1\" </dev/null >/dev/null 2>&1 &";
  expect(await systemProcesses.run("sh", ["-c", script, "sh", marker], "/")).toEqual({ code: 0, output: "" });
  await until(() => false, 50);
  const [pid = -1, ...others] = await systemProcesses.find(marker);
  expect(others).toEqual([]);
  let gone = 0;
  const stop = systemProcesses.watch(pid, () => gone++);
  systemProcesses.watch(pid, () => gone++)();
  await sleep(500);
  expect(gone).toBe(0);
  process.kill(pid, "SIGKILL");
  await until(() => gone > 0, 1000);
  expect(gone).toBe(1);
  stop();
});

it("tells at once of a process that is gone already", async () => {
  let gone = 0;
  systemProcesses.watch(2 ** 22 + 1, () => gone++);
  await until(() => gone > 0, 1000);
  expect(gone).toBe(1);
});

it("knows on which processor a process is, while it is there", () => {
  expect(systemProcesses.processorOf(process.pid)).toBeGreaterThanOrEqual(0);
  expect(systemProcesses.processorOf(2 ** 22 + 1)).toBeUndefined();
});
