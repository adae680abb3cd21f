import { expect, test } from "vitest";
import type { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { Bench, deviceNumber } from "../../../test/support/reconcile-bench.ts";
import { removeTables } from "../../plan/ruleset.ts";
import { ip6, network6, prefixes } from "../../plan/sample.fixture.ts";
import { cleanup } from "./cleanup.ts";

async function busy(): Promise<{ bench: Bench; before: object }> {
  const bench = new Bench();
  const { kernel } = bench;
  kernel.foreign("address add 10.9.9.1/24 dev eth1");
  kernel.foreign("rule add pref 500 from 10.9.9.0/24 lookup 7");
  kernel.foreign("rule add pref 12000 from 10.9.8.0/24 lookup 7");
  kernel.foreign("neighbour replace 10.9.9.9 lladdr 02:00:00:00:00:09 dev eth1 nud permanent");
  kernel.foreign("rule add pref 10000 lookup 7 protocol 4", 6);
  kernel.foreign("address add 2001:db8:f::1/64 dev eth1");
  kernel.tables.run("add table inet fw4\n");
  kernel.sysctls.set("net/ipv4/conf/eth0/arp_announce", "1");
  const before = kernel.dump();
  const ipv6 = { leased: [{ address: ip6("2001:db8:1::3"), deprecated: true }], slaac: [] };
  bench.devices = [deviceNumber(1), deviceNumber(2), { ...deviceNumber(3), ipv6 }];
  bench.network6 = network6;
  await bench.reconciler.start();
  for (const { address } of prefixes) kernel.advertise(address);
  await bench.pass();
  expect(await bench.open()).toEqual([]);
  await bench.reconciler.stop();
  return { bench, before };
}

test("everything of ours goes, settings are as before, what is others' stays", async () => {
  const { bench, before } = await busy();
  const report = await cleanup(bench.kernel);
  expect(bench.kernel.dump()).toEqual(before);
  expect(report.failures).toEqual([]);
  expect(report.removed).toMatchInlineSnapshot(`
    {
      "address": 1,
      "element": 9,
      "identity": 3,
      "rule": 22,
      "ruleset": 1,
    }
  `);
  expect([...report.settingsRestored].sort()).toEqual([
    "ip link set dev eth0 group default",
    "net/ipv4/conf/all/rp_filter = 2",
    "net/ipv4/conf/eth0/arp_announce = 1",
    "net/ipv4/conf/eth0/arp_ignore = 0",
    "net/ipv4/conf/eth1/accept_local = 0",
    "net/ipv4/conf/eth1/forwarding = 0",
    "net/ipv6/conf/eth0/disable_ipv6 = 0",
  ]);
});

test("the guard goes last", async () => {
  const { bench } = await busy();
  bench.kernel.done.length = 0;
  await cleanup(bench.kernel);
  const steps = bench.kernel.done.map((line) => line.split(" ").slice(0, 3).join(" "));
  expect(bench.kernel.done.at(-1)).toBe(`nft ${removeTables}`);
  expect(steps.findLastIndex((s) => s.startsWith("ip rule"))).toBeLessThan(steps.indexOf("ip link delete"));
});

test("the table of IPv6 goes also where somebody took the other one away", async () => {
  const { bench } = await busy();
  await bench.kernel.nft("delete table inet ipv4_ipv6_gateway\n");
  await cleanup(bench.kernel);
  expect(bench.kernel.tables.tables).toEqual(["inet fw4"]);
});

test("a crowd goes in one step; the port that was in its group stays", async () => {
  const { bench, before } = await busy();
  bench.devices = Array.from({ length: 20 }, (_, n) => ({
    ...deviceNumber(n + 1),
    ipv6: { leased: [], slaac: [] },
  }));
  await bench.reconciler.start();
  for (const { address } of prefixes) bench.kernel.advertise(address);
  await bench.pass();
  await bench.reconciler.stop();
  const { kernel } = bench;
  expect(kernel.ip.links.get("eth0")?.group).toBe("7171");
  kernel.done.length = 0;
  expect(await cleanup(kernel)).toMatchObject({ removed: { identity: 20 }, failures: [] });
  expect(kernel.dump()).toEqual(before);
  const at = (line: string): number => kernel.done.indexOf(line);
  expect(kernel.done.filter((line) => line.startsWith("ip link delete"))).toEqual([
    "ip link delete group 7172",
  ]);
  const routes = at("ip -6 route flush table 999998 protocol 71");
  expect(kernel.done.findLastIndex((line) => / rule delete /.test(line))).toBeLessThan(routes);
  expect(routes).toBeLessThan(at("ip link delete group 7172"));
});

test("routes that cannot be taken away by themselves go with the identities, and are no failure", async () => {
  const { bench, before } = await busy();
  bench.kernel.ip6.routes.push({
    dev: "gw001122330003",
    destination: "::/0",
    table: "999998",
    protocol: "71",
  });
  bench.kernel.failNext(/^route flush/, "RTNETLINK answers: Operation not permitted");
  expect((await cleanup(bench.kernel)).failures).toEqual([]);
  expect(bench.kernel.dump()).toEqual(before);
  expect(bench.kernel.failuresLeft).toBe(0);
});

test("a table of ours with nothing in it goes too", async () => {
  const bench = new Bench();
  const before = bench.kernel.dump();
  for (const family of ["inet", "ip6"]) {
    bench.kernel.tables.run(`add table ${family} ipv4_ipv6_gateway\n`);
    expect((await cleanup(bench.kernel)).removed).toEqual({ ruleset: 1 });
    expect(bench.kernel.dump()).toEqual(before);
  }
});

test("a clean kernel stays as it is", async () => {
  const bench = new Bench();
  const before = bench.kernel.dump();
  const report = await cleanup(bench.kernel);
  expect(report).toEqual({ removed: {}, settingsRestored: [], failures: [] });
  expect(bench.kernel.dump()).toEqual(before);
  expect(bench.kernel.done).toEqual([]);
});

/** What an operator may have given the WAN port. */
function furnish({ ip6: v6 }: FakeKernel): void {
  const put = (ip: string, ...flags: string[]) => v6.addresses.push({ dev: "eth0", ip, length: 64, flags });
  put("2001:db8:5::5");
  put("2001:db8:6::5", "nodad", "noprefixroute");
  const route = { dev: "eth0", table: "main" };
  v6.routes.push({ ...route, destination: "::/0", via: "fe80::1", protocol: "boot" });
  v6.routes.push({ ...route, destination: "2001:db8:99::/48", protocol: "static", metric: 77 });
}

test("IPv6 that a silent WAN port was given is named, and back after cleanup", async () => {
  const bench = new Bench();
  const { kernel } = bench;
  furnish(kernel);
  kernel.ip6.addresses.push({ dev: "eth0", ip: "2001:db8:7::5", length: 64, flags: ["dynamic"] });
  const before = kernel.dump();
  await bench.reconciler.start();
  expect(kernel.ip6.addresses.concat(kernel.ip6.routes as never)).toEqual([]);
  expect(bench.log.take().filter((line) => line.startsWith("warn"))).toEqual([
    'warn eth0 is silent (wan.own_mac) and has no IPv6 while the gateway is there: 2001:db8:5::5/64, 2001:db8:6::5/64, default via fe80::1, 2001:db8:99::/48 goes, and "gateway cleanup" puts it back',
  ]);
  await bench.reconciler.stop();
  await bench.reconciler.start();
  expect(await bench.open()).toEqual([]);
  await bench.reconciler.stop();
  expect((await cleanup(kernel)).failures).toEqual([]);
  // An address with a lifetime comes again with the next advertisement or lease.
  kernel.ip6.addresses.push({ dev: "eth0", ip: "2001:db8:7::5", length: 64, flags: ["dynamic"] });
  const sorted = (dump: object): object => JSON.parse(JSON.stringify(dump).replaceAll(',"metric":1024', ""));
  expect(sorted(kernel.dump())).toEqual(sorted(before));
});

test("IPv6 that the WAN port is given while the gateway is there is named, and not put back", async () => {
  const bench = new Bench();
  const { kernel } = bench;
  await bench.reconciler.start();
  bench.log.take();
  kernel.sysctls.set("net/ipv6/conf/eth0/disable_ipv6", "0");
  kernel.foreign("address add 2001:db8:5::5/64 dev eth0");
  await bench.pass();
  expect(bench.log.take().filter((line) => line.startsWith("warn"))).toEqual([
    'warn eth0 is silent (wan.own_mac) and has no IPv6 while the gateway is there: 2001:db8:5::5/64 goes, and has to be configured anew after "gateway cleanup"',
  ]);
  await bench.reconciler.stop();
  await cleanup(kernel);
  expect(kernel.ip6.addresses).toEqual([]);
});

test("a WAN port that was down is down again, before it may speak", async () => {
  const bench = new Bench();
  const { kernel } = bench;
  kernel.foreign("link set dev eth0 down");
  kernel.foreign("link set dev eth0 group 5");
  const before = kernel.dump();
  await bench.reconciler.start();
  expect(kernel.ip.links.get("eth0")).toMatchObject({ up: true, group: "7171" });
  await bench.reconciler.stop();
  kernel.done.length = 0;
  expect((await cleanup(kernel)).failures).toEqual([]);
  expect(kernel.dump()).toEqual(before);
  const at = (line: string): number => kernel.done.indexOf(line);
  expect(at("ip link set dev eth0 down")).toBeGreaterThanOrEqual(0);
  expect(at("ip link set dev eth0 down")).toBeLessThan(at("sysctl net/ipv6/conf/eth0/disable_ipv6 = 0"));
});

test("a WAN port that somebody took down meanwhile was up, and stays as it is", async () => {
  const bench = new Bench();
  await bench.reconciler.start();
  bench.kernel.foreign("link set dev eth0 down");
  await bench.pass();
  await bench.reconciler.stop();
  await cleanup(bench.kernel);
  expect(bench.kernel.ip.links.get("eth0")?.up).toBe(true);
});

test("a setting that cannot be put back keeps the memory of it, and the rest is done", async () => {
  const { bench, before } = await busy();
  bench.kernel.failNext(/^sysctl net\/ipv4\/conf\/eth1\/forwarding/, "Read-only file system");
  const report = await cleanup(bench.kernel);
  expect(report.failures).toEqual([
    { key: "sysctl net/ipv4/conf/eth1/forwarding", message: "Read-only file system" },
  ]);
  // The table, which remembers, is not among what went.
  expect(report.removed).toEqual({ address: 1, element: 9, identity: 3, rule: 22 });
  expect(bench.kernel.ip.links.size).toBe(2);
  expect(bench.kernel.tables.tables).toContain("inet ipv4_ipv6_gateway");
  expect((await cleanup(bench.kernel)).failures).toEqual([]);
  expect(bench.kernel.dump()).toEqual(before);
});

test("settings survive another program's flush of all tables", async () => {
  const { bench, before } = await busy();
  await bench.reconciler.start();
  bench.kernel.tables.run("delete table inet ipv4_ipv6_gateway\n");
  await bench.pass();
  await bench.reconciler.stop();
  await cleanup(bench.kernel);
  expect(bench.kernel.dump()).toEqual(before);
});
