import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The program needs namespaces of its own and must find node_modules from where it lies.
const sandbox = "--user --map-root-user --net --mount --pid --fork --kill-child --mount-proc".split(" ");
const ports = "ip link add pa type veth peer name pb && ip link set pa up && ip link set pb up && exec";
const nodeModules = join(import.meta.dirname, "../../../node_modules");
let directory: string;
let program: string;

async function runTrial(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const command = `${ports} "$0" "$@"`;
  try {
    const out = await promisify(execFile)(
      "unshare",
      [...sandbox, "sh", "-c", command, process.execPath, program, ...args],
      { timeout: 25_000 },
    );
    return { ...out, code: 0 };
  } catch (error) {
    return error as { stdout: string; stderr: string; code: number };
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(nodeModules, ".packet-trial-"));
  program = join(directory, "trial.js");
  await build({
    entryPoints: [join(import.meta.dirname, "trial.ts")],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["koffi"],
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("raw packet sockets on a real kernel", () => {
  it("carries 10,000 frames in order, filtered, and outlives a link that goes and a process that ends", async () => {
    const { stdout, stderr, code } = await runTrial();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const found = JSON.parse(stdout) as Record<string, number>;
    expect(found).toMatchObject({
      noInterface: "no-interface",
      inOrder: 10_000,
      wrong: 0,
      own: 0,
      readerThreads: 1,
      readerIdleWakeUps: 0,
      sendWhileDown: "send-failed",
      afterLinkReturned: 50,
      errorsAfterFlap: [],
      errorsAfterRemoval: ["pa interface-gone", "pb interface-gone"],
      sendWhenGone: "send-failed",
      afterInterfaceReturned: 50,
      sendWhenClosed: "send-failed",
    });
    expect(found.cpuMsAfterRemoval).toBeLessThan(250);
    expect(found.floodReceived).toBeGreaterThan(100_000);
  });

  it("does not keep a process from ending when it fails", async () => {
    const { stderr, code } = await runTrial("crash");
    expect(code).toBe(1);
    expect(stderr).toContain("on purpose");
  });

  it("names the missing right", async () => {
    // Root of a user namespace has no rights over the network namespace outside it.
    const { stdout } = await promisify(execFile)("unshare", ["--user", process.execPath, program, "rights"]);
    expect(stdout).toBe("no-rights");
  });
});
