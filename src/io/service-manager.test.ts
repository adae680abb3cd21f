import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test, vi } from "vitest";
import { findServiceManager } from "./service-manager.ts";

const ended: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

/** A datagram socket such as systemd's, played by socat; gives its lines one after the other. */
async function listen(socat: string): Promise<() => Promise<string>> {
  const child = spawn("socat", ["-u", "-d", "-d", socat, "STDOUT"]);
  ended.push(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for await (const line of createInterface({ input: child.stderr }))
    if (/starting data transfer/.test(line)) break;
  return async () => (await lines.next()).value ?? "";
}

test("readiness, watchdog, reload and stop reach a socket in the file system", async () => {
  const directory = await mkdtemp(join(tmpdir(), "gateway-notify-"));
  ended.push(() => rm(directory, { recursive: true }));
  const path = join(directory, "notify");
  const next = await listen(`UNIX-RECV:${path}`);
  const environment: NodeJS.ProcessEnv = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "20000", HOME: "/" };
  const manager = findServiceManager(environment);
  expect(environment).toEqual({ HOME: "/" });
  manager.ready();
  expect([await next(), await next(), await next()]).toEqual(["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
  manager.reloading();
  manager.stopping();
  const seen: string[] = [];
  while (seen.at(-1) !== "STOPPING=1") seen.push(await next());
  expect(seen.filter((line) => line !== "WATCHDOG=1")).toEqual([
    "RELOADING=1",
    expect.stringMatching(/^MONOTONIC_USEC=\d+$/),
    "STOPPING=1",
  ]);
});

test("an abstract socket, and a watchdog that is meant for another process", async () => {
  const name = `gateway-notify-${process.pid}`;
  const next = await listen(`ABSTRACT-RECV:${name}`);
  const manager = findServiceManager({ NOTIFY_SOCKET: `@${name}`, WATCHDOG_USEC: "2000", WATCHDOG_PID: "1" });
  vi.useFakeTimers({ toFake: ["setInterval"] });
  ended.push(() => void vi.useRealTimers());
  manager.ready();
  expect(await next()).toBe("READY=1");
  vi.advanceTimersByTime(100);
  manager.stopping();
  expect(await next()).toBe("STOPPING=1");
});

test.each([undefined, "", "relative", `/${"x".repeat(200)}`, "/nowhere/at/all"])(
  "nobody to tell at %j: nothing happens",
  (path) => {
    const manager = findServiceManager(path === undefined ? {} : { NOTIFY_SOCKET: path });
    for (const tell of [manager.ready, manager.reloading, manager.stopping]) expect(tell()).toBeUndefined();
  },
);
