import { expect, test } from "vitest";
import { Bench, deviceNumber } from "../../../test/support/reconcile-bench.ts";
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
      "element": 6,
      "identity": 3,
      "rule": 33,
      "ruleset": 1,
    }
  `);
  expect([...report.settingsRestored].sort()).toEqual([
    "net/ipv4/conf/all/rp_filter = 2",
    "net/ipv4/conf/eth0/arp_announce = 1",
    "net/ipv4/conf/eth0/arp_ignore = 0",
    "net/ipv4/conf/eth1/forwarding = 0",
    "net/ipv6/conf/eth0/disable_ipv6 = 0",
  ]);
});

test("the guard goes last", async () => {
  const { bench } = await busy();
  bench.kernel.done.length = 0;
  await cleanup(bench.kernel);
  const steps = bench.kernel.done.map((line) => line.split(" ").slice(0, 3).join(" "));
  expect(steps.at(-1)).toBe("nft delete table");
  expect(steps.findLastIndex((s) => s.startsWith("ip rule"))).toBeLessThan(steps.indexOf("ip link delete"));
});

test("a clean kernel stays as it is", async () => {
  const bench = new Bench();
  const before = bench.kernel.dump();
  const report = await cleanup(bench.kernel);
  expect(report).toEqual({ removed: {}, settingsRestored: [], failures: [] });
  expect(bench.kernel.dump()).toEqual(before);
  expect(bench.kernel.done).toEqual([]);
});

test("a setting that cannot be put back keeps the memory of it, and the rest is done", async () => {
  const { bench, before } = await busy();
  bench.kernel.failNext(/^sysctl net\/ipv4\/conf\/eth1\/forwarding/, "Read-only file system");
  const report = await cleanup(bench.kernel);
  expect(report.failures).toEqual([
    { key: "sysctl net/ipv4/conf/eth1/forwarding", message: "Read-only file system" },
  ]);
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
