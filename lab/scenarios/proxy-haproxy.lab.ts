import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ip4 } from "../../src/base/ip4.ts";
import type { Ip6 } from "../../src/base/ip6.ts";
import { run } from "../exec.ts";
import { faults, type Load, type LoadResult, startLoad } from "../load.ts";
import { ProxyLab, proxyDesired, proxyDevice, target, wanIp6Of } from "../proxy-lab.ts";
import { sleep, waitFor } from "../wait.ts";

let lab: ProxyLab;
beforeEach(async () => {
  lab = await ProxyLab.create(40);
});
afterEach(() => lab.dispose());

const steady = Array.from({ length: 10 }, (_, i) => i + 2);
const guests = Array.from({ length: 20 }, (_, i) => i + 12);
const devices = (numbers: readonly number[]) => numbers.map((n) => proxyDevice(n));
type Meta = { notes?: string[] };

/** Printed beneath the scenario's name. */
const note = (meta: Meta, text: string): void => {
  meta.notes = [...(meta.notes ?? []), text];
};

/** 200 downloads of some 20 s and 500 connections a second. */
const load = (): Promise<Load> =>
  startLoad(lab.client, {
    targets: steady.map((n) => target(n)),
    downloads: 200,
    bytes: 1_000_000,
    rate: 50_000,
    connectionsPerSecond: 500,
  });

const describeLoad = ({ downloads, connections, seconds, medianMs, p99Ms, slowestMs }: LoadResult): string =>
  `${downloads.good} downloads and ${connections.good} connections (${Math.round(connections.good / seconds)} a second) good; ` +
  `connections took ${medianMs.toFixed(1)} ms (median), ${p99Ms.toFixed(1)} ms (p99), ${slowestMs.toFixed(0)} ms (slowest)`;

const stats = (port: number) => ({ address: "10.0.0.1" as Ip4, port, uri: "/stats" });
const logged = (text: string): Promise<boolean> =>
  waitFor(`the log has "${text}"`, () => lab.log.some((line) => line.includes(text)), {
    explain: () => lab.log.slice(-20).join("\n"),
  });

test("20 devices come and go under load, settings change, the gateway is killed: nothing breaks", async ({
  task,
}) => {
  lab.start();
  lab.update(proxyDesired(devices(steady)));
  await lab.until(/: 10 devices/);
  const running = await load();
  for (let n = 1; n <= guests.length; n++) {
    lab.update(proxyDesired(devices([...steady, ...guests.slice(0, n)])));
    await sleep(200);
  }
  await lab.until(/: 30 devices/);
  for (const n of guests) {
    // Processors that have more to do than they can may let one of them wait; a wrong answer is none to wait for.
    const answer = await waitFor(`guest ${n} answers`, () => lab.hello(wanIp6Of(n), 8080));
    expect(answer, `guest ${n}`).toBe(target(n).answer);
  }
  for (let n = guests.length - 1; n >= 0; n--) {
    lab.update(proxyDesired(devices([...steady, ...guests.slice(0, n)])));
    await sleep(200);
  }
  await lab.until(/: 10 devices/);
  expect(lab.log.join("\n")).not.toContain("HAProxy reloaded");
  const [master] = await lab.haproxyPids();

  lab.update(proxyDesired(devices(steady), { stats: stats(8405) }));
  await logged("HAProxy reloaded");

  await lab.stop("SIGKILL");
  lab.start();
  lab.update(proxyDesired(devices([...steady, ...guests]), { stats: stats(8405) }));
  await lab.until(/: 30 devices/);
  await logged("HAProxy of an earlier run is taken over");
  expect((await lab.haproxyPids())[0]).toBe(master);

  const result = await running.finish();
  note(task.meta as Meta, `${(await lab.status()).summary}; ${describeLoad(result)}`);
  expect(faults(result)).toEqual([]);
  expect(result.downloads.good).toBe(200);
  expect(result.connections.good).toBeGreaterThan(450 * result.seconds);
  expect((await lab.status()).problems).toEqual([]);
});

test("each device answers as itself: web, telnet, another port than usual, and one of its own", async () => {
  lab.start();
  const own = proxyDevice(3, {
    exceptions: [
      { port: 8080, target: 5000 },
      { port: 9000, target: 23 },
    ],
  });
  const addresses6 = [wanIp6Of(4), wanIp6Of(5)] as Ip6[];
  lab.update(proxyDesired([proxyDevice(2), own, proxyDevice(4, { addresses6 })]));
  await lab.gateway.nft(
    `add element inet proxy forward6 { ${wanIp6Of(3)} . 9000, ${wanIp6Of(3)} . 8080, ${wanIp6Of(2)} . 9000 }`,
  );
  await lab.until(/: 3 devices/);
  const heard = (n: number, port: number) => lab.hello(wanIp6Of(n), port);
  expect(await heard(2, 8080)).toBe(target(2, 8080, 80).answer);
  expect(await heard(2, 2323)).toBe(target(2, 2323, 23).answer);
  expect(await heard(3, 8080)).toBe(target(3, 8080, 5000).answer);
  expect(await heard(3, 2323)).toBe(target(3, 2323, 23).answer);
  expect(await heard(3, 9000)).toBe(target(3, 9000, 23).answer);
  expect(await heard(4, 8080)).toBe(target(4, 8080, 80).answer);
  expect(await heard(5, 8080)).toBe(target(4, 8080, 80).answer);
  expect(await heard(2, 9000), "nobody asked for it").toBeUndefined();
  expect(await heard(6, 8080), "an address of no device").toBeUndefined();
  const { stdout } = await lab.lan.run(["curl", "-s", "http://10.0.0.1:8404/stats;csv"]);
  const names = stdout.split("\n").map((line) => line.split(",").slice(0, 2).join(" "));
  expect(names).toEqual(
    expect.arrayContaining([
      "ipv6_http_8080 FRONTEND",
      "ipv6_telnet_2323 FRONTEND",
      "devices device_02005e000002",
    ]),
  );
});

test("a device that goes takes its connections along, and no others", async () => {
  lab.start();
  lab.update(proxyDesired(devices([2, 3])));
  await lab.until(/: 2 devices/);
  const download = (n: number) =>
    startLoad(lab.client, {
      targets: [target(n)],
      downloads: 3,
      bytes: 200_000,
      rate: 50_000,
      connectionsPerSecond: 0,
    });
  const [going, staying] = await Promise.all([download(2), download(3)]);
  lab.update(proxyDesired(devices([3])));
  const from = performance.now();
  const { downloads } = await going.finish();
  expect(downloads.truncated + downloads.reset).toBe(3);
  expect(performance.now() - from).toBeLessThan(10_000);
  await lab.until(/: 1 device\b/);
  expect(await lab.hello(wanIp6Of(2), 8080)).toBeUndefined();
  expect(faults(await staying.finish())).toEqual([]);
});

test("one that cannot be spoken with any more hands over to a new one; its connections go on", async () => {
  lab.start();
  lab.update(proxyDesired(devices([2])));
  await lab.until(/: 1 device\b/);
  const running = await startLoad(lab.client, {
    targets: [target(2)],
    downloads: 20,
    bytes: 400_000,
    rate: 50_000,
    connectionsPerSecond: 200,
  });
  const before = await lab.haproxyPids();
  await lab.stop();
  await run(["rm", `${lab.runtimeDirectory}/haproxy-master.sock`]);
  lab.start();
  lab.update(proxyDesired(devices([2, 3])));
  await lab.until(/: 2 devices/);
  expect((await lab.haproxyPids()).filter((pid) => !before.includes(pid))).toHaveLength(2);
  expect(await lab.hello(wanIp6Of(3), 8080)).toBe(target(3).answer);
  expect(faults(await running.finish())).toEqual([]);
  await waitFor("the old one has ended", async () => (await lab.haproxyPids()).length === 2);
});

test("killed, it is back with every device", async ({ task }) => {
  lab.start();
  lab.update(proxyDesired(devices(steady)));
  await lab.until(/: 10 devices/);
  lab.update(proxyDesired(devices([...steady, ...guests])));
  await lab.until(/: 30 devices/);
  const times: number[] = [];
  for (const which of ["worker", "master"] as const) {
    const [master = -1, worker = -1] = await lab.haproxyPids();
    process.kill(which === "master" ? master : worker, "SIGKILL");
    const from = performance.now();
    await waitFor("it is gone", async () => !(await lab.haproxyPids()).includes(master), { everyMs: 5 });
    await waitFor("a guest answers", async () => (await lab.hello(wanIp6Of(31), 8080)) === target(31).answer);
    times.push(performance.now() - from);
    for (const n of [...steady, ...guests]) expect(await lab.hello(wanIp6Of(n), 8080)).toBe(target(n).answer);
    expect(await lab.haproxyPids()).toHaveLength(2);
  }
  note(task.meta as Meta, `back after ${times.map((ms) => `${ms.toFixed(0)} ms`).join(" and ")}`);
  // Half a second before the next start, and the start itself; what is more is the machine's.
  expect(Math.max(...times)).toBeLessThan(10_000);
  expect((await lab.status()).problems).toEqual([]);
});

test("a thousand devices at once", async ({ task }) => {
  lab.start();
  lab.update(proxyDesired(devices([2])));
  await lab.until(/: 1 device\b/);
  const many = devices(Array.from({ length: 1000 }, (_, i) => i + 2));
  for (const [numbers, count] of [
    [many, 1000],
    [many.slice(0, 1), 1],
  ] as const) {
    const from = performance.now();
    lab.update(proxyDesired(numbers));
    await lab.until(new RegExp(`: ${count} device`));
    const ms = performance.now() - from;
    note(task.meta as Meta, `to ${count} devices in ${ms.toFixed(0)} ms`);
    expect(ms).toBeLessThan(10_000);
  }
  expect(lab.log.join("\n")).not.toContain("reloaded");
  expect((await lab.status()).problems).toEqual([]);
});

test("ports that are taken are named, the rest works, and they are used once free", async () => {
  const holder = lab.gateway.start(["socat", "TCP6-LISTEN:61441,bind=[::1],fork", "SYSTEM:cat"]);
  const other = lab.gateway.start(["socat", "TCP4-LISTEN:8404,fork", "SYSTEM:cat"]);
  await sleep(300);
  lab.start();
  lab.update(proxyDesired(devices([2])));
  const { problems } = await lab.until(/: 1 device\b/);
  expect(problems).toEqual([
    `Port 61441 of ::1 is taken by socat (process ${holder.pid}, on ::1): WAN port 2323 over IPv6 does not work until it is free.`,
    `Port 8404 of 10.0.0.1 is taken by socat (process ${other.pid}, on 0.0.0.0): the statistics page of HAProxy does not work until it is free.`,
  ]);
  expect(await lab.hello(wanIp6Of(2), 8080)).toBe(target(2).answer);
  expect(await lab.hello(wanIp6Of(2), 2323), "the other program must not answer").toBeUndefined();
  await Promise.all([holder.stop(), other.stop()]);
  lab.update(proxyDesired(devices([2, 3])));
  await lab.until(/: 2 devices/);
  const { answer } = target(2, 2323, 23);
  await waitFor("the port is served", async () => (await lab.hello(wanIp6Of(2), 2323)) === answer, {
    timeoutMs: 40_000,
  });
  expect((await lab.status()).problems).toEqual([]);
});

test("a runtime directory that becomes read-only is named; devices still come and go", async () => {
  await run(["mkdir", "-p", lab.runtimeDirectory]);
  await run(["mount", "-t", "tmpfs", "none", lab.runtimeDirectory]);
  lab.start();
  lab.update(proxyDesired(devices([2])));
  await lab.until(/: 1 device\b/);
  await run(["mount", "-o", "remount,ro", lab.runtimeDirectory]);
  lab.update(proxyDesired(devices([2, 3])));
  await lab.until(/: 2 devices/);
  expect(await lab.hello(wanIp6Of(3), 8080)).toBe(target(3).answer);
  const problem = `HAProxy's files in ${lab.runtimeDirectory} cannot be written: EROFS`;
  await waitFor("the problem is named", async () => (await lab.status()).problems.join().includes(problem));
  await run(["mount", "-o", "remount,rw", lab.runtimeDirectory]);
  lab.update(proxyDesired(devices([2, 3, 4])));
  await lab.until(/: 3 devices/);
  await waitFor("no problem is left", async () => (await lab.status()).problems.length === 0);
  await run(["umount", "-l", lab.runtimeDirectory]);
});

test("one proxy at a time: socat and back leaves nothing of the other", async () => {
  const programs = async (): Promise<readonly string[]> => {
    const { stdout } = await lab.gateway.run(["ps", "-o", "comm=", "-p", (await lab.gateway.pids()).join()]);
    return [...new Set(stdout.split("\n").map((line) => line.trim()))].filter((name) =>
      ["haproxy", "socat"].includes(name),
    );
  };
  for (const backend of ["haproxy", "socat", "haproxy"] as const) {
    lab.start(backend);
    lab.update(proxyDesired(devices([2])));
    await waitFor(
      `${backend} serves`,
      async () => (await lab.hello(wanIp6Of(2), 2323)) === target(2, 2323, 23).answer,
    );
    await waitFor(`there is ${backend} and no other`, async () => (await programs()).join() === backend);
    await lab.stop();
    expect(await lab.hello(wanIp6Of(2), 2323), "it outlives the gateway").toBe(target(2, 2323, 23).answer);
  }
});

test("the device hears of its client, and so does the log", async () => {
  const device = lab.lan.start(["socat", "-u", "TCP4-LISTEN:8000,bind=10.0.0.2,reuseaddr,fork", "STDOUT"]);
  lab.start("haproxy", "debug");
  await lab.gateway.nft(`add element inet proxy forward6 { ${wanIp6Of(2)} . 9000 }`);
  const exceptions = [{ port: 9000, target: 8000 }];
  lab.update(proxyDesired([proxyDevice(2, { exceptions, check: 80 })], { sendProxy: true }));
  await lab.until(/: 1 device\b/);
  await lab.hello(wanIp6Of(2), 9000);
  const header = new RegExp(`^PROXY TCP6 2001:db8::99 ${wanIp6Of(2)} \\d+ \\d+$`);
  await waitFor("the device hears of it", () => device.lines.some((line) => header.test(line.trim())), {
    explain: () => device.lines.join("\n"),
  });
  const entry = /IPv6 connection ended client=2001:db8::99 .*port=9000 server=device_02005e000002/;
  await waitFor("the log has it", () => lab.log.some((line) => entry.test(line)), {
    explain: () => lab.log.join("\n"),
  });
});
