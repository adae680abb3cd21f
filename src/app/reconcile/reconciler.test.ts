import { expect, test } from "vitest";
import { Bench, deviceNumber, wideGateway } from "../../../test/support/reconcile-bench.ts";
import { contains6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { millis, minutes, seconds } from "../../base/time.ts";
import { describeAction } from "../../plan/describe.ts";
import { planDesired } from "../../plan/desired.ts";
import { ip6, network6, prefixes, slaacOf } from "../../plan/sample.fixture.ts";
import { cleanup } from "./cleanup.ts";
import { Reconciler } from "./reconciler.ts";

const devices = (count: number) => Array.from({ length: count }, (_, n) => deviceNumber(n + 1));

async function started(count: number): Promise<Bench> {
  const bench = new Bench();
  bench.devices = devices(count);
  await bench.reconciler.start();
  return bench;
}

test("the first pass of one device, text by text", async () => {
  const { kernel } = await started(1);
  const told = kernel.done.filter((line) => !/^ip rule add pref 1/.test(line));
  expect(told.map((line) => line.split("\n", 1)[0])).toMatchInlineSnapshot(`
    [
      "nft add table inet ipv4_ipv6_gateway",
      "nft add element inet ipv4_ipv6_gateway saved { 773060994 comment "net/ipv4/conf/eth1/forwarding=0" }",
      "sysctl net/ipv4/conf/eth1/forwarding = 1",
      "nft add element inet ipv4_ipv6_gateway saved { 938979061 comment "net/ipv4/conf/eth1/accept_local=0" }",
      "sysctl net/ipv4/conf/eth1/accept_local = 1",
      "nft add element inet ipv4_ipv6_gateway saved { 1784862283 comment "net/ipv4/conf/all/rp_filter=2" }",
      "sysctl net/ipv4/conf/all/rp_filter = 0",
      "nft add element inet ipv4_ipv6_gateway saved { 2683716924 comment "net/ipv4/conf/eth0/arp_ignore=0" }",
      "sysctl net/ipv4/conf/eth0/arp_ignore = 8",
      "nft add element inet ipv4_ipv6_gateway saved { 573667369 comment "net/ipv4/conf/eth0/arp_announce=0" }",
      "sysctl net/ipv4/conf/eth0/arp_announce = 2",
      "nft add element inet ipv4_ipv6_gateway saved { 215685906 comment "net/ipv6/conf/eth0/disable_ipv6=0" }",
      "sysctl net/ipv6/conf/eth0/disable_ipv6 = 1",
      "nft add element inet ipv4_ipv6_gateway saved { 2212730650 comment "port eth0 state=up" }",
      "ip link set dev eth0 group 7171",
      "ip link set dev eth0 up",
      "ip link add link eth0 name gw001122330001 address 00:11:22:33:00:01 mtu 1500 group 7171 type macvlan mode private bcqueuelen 10000",
      "sysctl net/ipv4/conf/gw001122330001/forwarding = 1",
      "sysctl net/ipv4/conf/gw001122330001/accept_local = 1",
      "sysctl net/ipv4/conf/gw001122330001/arp_ignore = 1",
      "sysctl net/ipv4/conf/gw001122330001/arp_announce = 2",
      "sysctl net/ipv4/conf/gw001122330001/rp_filter = 0",
      "sysctl net/ipv4/conf/gw001122330001/accept_redirects = 0",
      "sysctl net/ipv4/conf/gw001122330001/send_redirects = 0",
      "sysctl net/ipv4/conf/gw001122330001/promote_secondaries = 1",
      "sysctl net/ipv6/conf/gw001122330001/accept_ra = 2",
      "sysctl net/ipv6/conf/gw001122330001/ra_honor_pio_life = 1",
      "sysctl net/ipv6/conf/gw001122330001/accept_ra_defrtr = 0",
      "sysctl net/ipv6/conf/gw001122330001/accept_ra_rtr_pref = 0",
      "sysctl net/ipv6/conf/gw001122330001/use_oif_addrs_only = 1",
      "sysctl net/ipv6/conf/gw001122330001/optimistic_dad = 1",
      "sysctl net/ipv6/conf/gw001122330001/use_optimistic = 1",
      "sysctl net/ipv6/conf/gw001122330001/router_solicitations = 0",
      "sysctl net/ipv6/conf/gw001122330001/router_solicitation_delay = 0",
      "sysctl net/ipv6/conf/gw001122330001/accept_redirects = 0",
      "sysctl net/ipv6/conf/gw001122330001/mldv2_unsolicited_report_interval = 3600000",
      "ip link set dev gw001122330001 up",
      "ip address add 192.168.0.1/22 dev eth1 metric 7171",
      "ip address add 198.18.0.1/16 dev gw001122330001 noprefixroute",
      "ip neighbour replace 192.0.2.1 lladdr 00:aa:00:00:00:01 dev gw001122330001 nud permanent protocol 71",
      "ip route replace 198.18.0.0/16 dev gw001122330001 scope link src 198.18.0.1 table 1000011 protocol 71",
      "ip route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122330001 onlink src 198.18.0.1 table 1000011 protocol 71",
      "ip route replace 198.18.0.0/16 dev gw001122330001 scope link src 198.18.0.1 table 999999 protocol 71",
      "ip route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122330001 onlink src 198.18.0.1 table 999999 protocol 71",
      "ip rule add pref 32712 iif lo lookup 999999 protocol 71",
      "ip rule add pref 32711 iif lo lookup default suppress_ifgroup 7171 protocol 71",
      "ip rule add pref 32710 iif lo lookup main suppress_ifgroup 7171 protocol 71",
      "ip rule add pref 32701 type nop protocol 71",
      "ip rule add pref 32700 iif eth1 type unreachable protocol 71",
    ]
  `);
  const rules = kernel.done.filter((line) => line.startsWith("ip rule add"));
  expect(rules.at(-1)).toBe("ip rule add pref 10000 to 192.168.0.0/22 iif eth1 lookup main protocol 71");
});

async function started6(count: number): Promise<Bench> {
  const bench = new Bench();
  bench.devices = devices(count).map((d, n) => ({
    ...d,
    ipv6: { leased: [{ address: ip6(`2001:db8:1::${n + 1}`), deprecated: false }], slaac: [] },
  }));
  bench.network6 = network6;
  await bench.reconciler.start();
  return bench;
}

test("IPv6: what is leased is routed at once, the gateway's own way follows", async () => {
  const bench = await started6(1);
  const { kernel } = bench;
  const told = () =>
    kernel.done.splice(0).filter((line) => line.startsWith("ip") && / 2001:|::|^ip -6/.test(line));
  expect(told()).toMatchInlineSnapshot(`
    [
      "ip address add 2001:db8:1::1/128 dev gw001122330001 noprefixroute",
      "ip neighbour replace fe80::2aa:ff:fe00:1 lladdr 00:aa:00:00:00:01 dev gw001122330001 nud permanent protocol 71",
      "ip route replace 2001:db8:1::/64 from 2001:db8:1::1/128 dev gw001122330001 table 999998 protocol 71",
      "ip route replace ::/0 from 2001:db8:1::1/128 via fe80::2aa:ff:fe00:1 dev gw001122330001 table 999998 protocol 71",
      "ip -6 rule add pref 10000 lookup 999998 protocol 71",
    ]
  `);
  await bench.pass();
  expect(told()).toMatchInlineSnapshot(`
    [
      "ip route replace 2001:db8:1::/64 dev gw001122330001 src 2001:db8:1::1 table 999999 protocol 71",
      "ip route replace ::/0 via fe80::2aa:ff:fe00:1 dev gw001122330001 src 2001:db8:1::1 table 999999 protocol 71",
      "ip -6 rule add pref 32712 iif lo lookup 999999 protocol 71",
      "ip -6 rule add pref 32710 iif lo lookup main suppress_ifgroup 7171 protocol 71",
    ]
  `);
  await bench.pass();
  expect([kernel.done, await bench.open()]).toEqual([[], []]);
});

test("an address that the kernel made is routed when it is seen, and goes with its prefix", async () => {
  const bench = await started6(2);
  await bench.pass();
  const first = "gw001122330001";
  const made = slaacOf(deviceNumber(1), prefixes[1]);
  const carries = () => bench.kernel.ip6.addresses.some((a) => a.dev === first && a.ip === made);
  const routed = () => bench.kernel.ip6.routes.filter((r) => r.from === `${made}/128`).length;
  bench.kernel.advertise(prefixes[1].address);
  await bench.pass();
  expect([carries(), routed()]).toEqual([true, 2]);
  bench.network6 = { ...network6, onLink: [prefixes[0]] };
  await bench.pass();
  expect([carries(), routed(), await bench.open()]).toEqual([false, 0, []]);
  expect([...bench.kernel.ip6.onLink].filter((r) => r.endsWith(first))).toEqual([]);
});

test("a crowd's addresses of a prefix that is gone are deleted a few devices at a time, after those that wait", async () => {
  const bench = await started6(100);
  bench.parts = true;
  const left = () => bench.kernel.ip6.addresses.filter((a) => contains6(prefixes[1], a.ip as Ip6)).length;
  bench.kernel.advertise(prefixes[1].address);
  await bench.pass();
  expect(left()).toBe(100);
  bench.network6 = { ...network6, onLink: [prefixes[0]] };
  bench.passes.length = 0;
  await bench.pass();
  expect([bench.passes.length, left()]).toEqual([1, 100]);
  bench.reconciler.request(deviceNumber(100).mac);
  await bench.clock.advance(millis(5));
  expect([bench.passes.length, left()]).toEqual([2, 99]);
  for (const [passes, some] of [
    [3, 67],
    [4, 35],
    [5, 3],
    [6, 0],
  ]) {
    await bench.clock.advance(millis(5));
    expect([bench.passes.length, left()]).toEqual([passes, some]);
  }
  await bench.clock.advance(seconds(1));
  expect([bench.passes.length, await bench.open()]).toEqual([6, []]);
});

test("where only whole passes are possible, a crowd's addresses go in one", async () => {
  const bench = await started6(100);
  bench.kernel.advertise(prefixes[1].address);
  await bench.pass();
  bench.network6 = { ...network6, onLink: [prefixes[0]] };
  await bench.pass();
  await bench.clock.advance(seconds(1));
  expect(await bench.open()).toEqual([]);
  const passes = bench.passes.length;
  await bench.clock.advance(seconds(30));
  expect(bench.passes.length - passes).toBeLessThan(3);
});

test("of a device whose IPv6 is not known yet, the kernel's addresses stay", async () => {
  const bench = await started(1);
  bench.kernel.advertise(prefixes[0].address);
  const before = bench.kernel.dump();
  await bench.pass();
  expect(bench.kernel.dump()).toEqual(before);
  expect(bench.kernel.ip6.addresses.map((a) => a.ip)).toContain(slaacOf(deviceNumber(1), prefixes[0]));
});

test("after one pass all is there, and the next pass changes nothing", async () => {
  const bench = await started(20);
  expect(await bench.open()).toEqual([]);
  const texts = bench.kernel.done.length;
  await bench.pass();
  expect(bench.kernel.done.length).toBe(texts);
  expect(bench.passes.map((p) => p.failures)).toEqual([[], []]);
});

test("a pass runs the same few batches for one device as for three hundred, but for two for each 128 identities", async () => {
  const one = (await started(1)).kernel.started;
  const many = (await started(300)).kernel.started;
  expect(many).toEqual({ ...one, ipBatch: one.ipBatch + 4 });
  const [one6, many6] = [(await started6(1)).kernel.started, (await started6(300)).kernel.started];
  expect([many6, one6.ipBatch - one.ipBatch]).toEqual([{ ...one6, ipBatch: one6.ipBatch + 4 }, 1]);
  expect(one).toEqual({ ipBatch: 5, ipShow: 3, ipJson: 0, nft: 8, nftJson: 2 });
  const bench = await started(0);
  const before = { ...bench.kernel.started };
  bench.devices = devices(300);
  await bench.pass();
  const { ipBatch, ipShow, nft, nftJson } = bench.kernel.started;
  expect([ipBatch - before.ipBatch, nft - before.nft]).toEqual([8, 1]);
  expect([ipShow - before.ipShow, nftJson - before.nftJson]).toEqual([2, 2]);
});

test("a hundred requests make one pass, kernel events of a second make one look", async () => {
  const bench = await started(1);
  for (let n = 0; n < 100; n++) bench.reconciler.request();
  await bench.clock.advance(millis(10));
  expect(bench.passes.length).toBe(2);
  for (let n = 0; n < 9; n++) {
    bench.reconciler.suspect();
    await bench.clock.advance(millis(100));
  }
  expect(bench.passes.length).toBe(2);
  await bench.clock.advance(millis(100));
  expect(bench.passes.length).toBe(3);
});

test("a look at everything that nothing demands waits while a crowd does, a minute at most", async () => {
  const bench = await started(200);
  bench.parts = true;
  const crowd = bench.devices.map(({ mac }) => mac);
  const wholes = () => bench.passes.filter(({ macs }) => !macs).length;
  bench.passes.length = 0;
  bench.reconciler.suspect();
  const whole = async (limit: number): Promise<number> => {
    for (let n = 1; n <= limit; n++) {
      for (const mac of crowd) bench.reconciler.request(mac);
      await bench.clock.advance(seconds(1));
      if (wholes() > 0) return n;
    }
    return Number.POSITIVE_INFINITY;
  };
  expect(await whole(100)).toBeGreaterThan(55);
  bench.passes.length = 0;
  for (const mac of crowd) bench.reconciler.request(mac);
  bench.reconciler.request();
  await bench.clock.advance(millis(5));
  expect([wholes(), bench.passes.length]).toEqual([1, 1]);
});

test("a thousand devices' elements do not go into one transaction", async () => {
  const bench = await started(1000);
  const scripts = bench.kernel.done.filter((line) => line.startsWith("nft"));
  const sizes = scripts.map((script) => [...script.matchAll(/\d\.\d+(?: \. "gw\w+")?,/g)].length);
  expect(sizes.filter((size) => size > 100)).toEqual([expect.closeTo(2500, -1), expect.closeTo(500, -1)]);
  expect(await bench.open()).toEqual([]);
});

test("a request during a pass is not lost", async () => {
  const bench = await started(1);
  bench.kernel.beforeNext(() => {
    bench.devices = devices(2);
    bench.reconciler.request();
  });
  bench.devices = [];
  await bench.pass();
  await bench.clock.advance(millis(10));
  expect(await bench.open()).toEqual([]);
  expect(bench.kernel.ip.links.size).toBe(4);
});

test("everything is looked at once a minute, and no more after stop", async () => {
  const bench = await started(1);
  bench.kernel.foreign("link delete dev gw001122330001");
  await bench.clock.advance(seconds(59));
  expect(bench.passes.length).toBe(1);
  await bench.clock.advance(seconds(2));
  expect(await bench.open()).toEqual([]);
  await bench.reconciler.stop();
  const passes = bench.passes.length;
  bench.reconciler.request();
  await bench.clock.advance(minutes(10));
  expect(bench.passes.length).toBe(passes);
  expect(bench.clock.pending).toBe(0);
});

test("a failure is said once and tried again, later and later", async () => {
  const bench = new Bench();
  bench.devices = devices(1);
  for (let n = 0; n < 5; n++)
    bench.kernel.failNext(/^address add 198/, "RTNETLINK answers: No buffer space available");
  await bench.reconciler.start();
  await bench.clock.advance(millis(16_000));
  expect(bench.passes.length).toBe(5);
  await bench.clock.advance(seconds(20));
  expect(await bench.open()).toEqual([]);
  // What hangs on the address says so as well: its routes.
  const warned = bench.log.take().filter((line) => line.startsWith("warn"));
  expect(warned.filter((line) => line.includes("No buffer space"))).toEqual([
    "warn kernel refused: RTNETLINK answers: No buffer space available (ip address add 198.18.0.1/16 dev gw001122330001 noprefixroute)",
  ]);
});

test("a port that goes takes its identities along, without a word for each; when it is back they are made again", async () => {
  const bench = await started(3);
  const { kernel } = bench;
  const port = kernel.ip.links.get("eth0");
  if (!port) throw new Error("no port");
  await kernel.ipBatch(["link delete dev eth0"]);
  const passes = bench.passes.length;
  await bench.pass();
  expect(bench.passes[passes]?.failures.map((f) => f.key)).toContain("identity gw001122330001");
  kernel.ip.addLink({ ...port });
  await bench.clock.advance(seconds(2));
  expect(await bench.open()).toEqual([]);
  expect(bench.log.take().filter((line) => line.startsWith("warn"))).toEqual([]);
});

test("an observation that fails changes nothing and is tried again", async () => {
  const bench = await started(3);
  const before = bench.kernel.dump();
  bench.kernel.failNext(/rule show/, "Dump was interrupted and may be inconsistent.");
  bench.devices = [];
  await bench.pass();
  expect(bench.kernel.dump()).toEqual(before);
  await bench.clock.advance(seconds(1));
  expect(await bench.open()).toEqual([]);
  expect(bench.log.take()).toEqual(["warn kernel refused: Dump was interrupted and may be inconsistent."]);
});

test("where the guards cannot be put, nothing is that they guard", async () => {
  const bench = new Bench();
  bench.devices = devices(2);
  const before = bench.kernel.dump();
  bench.kernel.failNext(/^add table/, "Error: Could not process rule: Operation not supported");
  await bench.reconciler.start();
  expect(bench.kernel.dump()).toEqual(before);
  await bench.clock.advance(seconds(1));
  expect(await bench.open()).toEqual([]);
});

test("a setting that could not be kept is not changed; one kept under any number is not forgotten", async () => {
  const bench = new Bench();
  bench.kernel.failNext(/saved .*rp_filter/, "Error: Could not process rule: No space left on device");
  await bench.reconciler.start();
  expect(bench.kernel.sysctls.get("net/ipv4/conf/all/rp_filter")).toBe("2");
  await bench.clock.advance(seconds(1));
  expect(bench.kernel.sysctls.get("net/ipv4/conf/all/rp_filter")).toBe("0");
  const kept = bench.kernel.tables.elements("inet ipv4_ipv6_gateway", "saved");
  expect(kept.map((e) => e.replace(/^\d+ comment /, "")).sort()).toEqual([
    '"net/ipv4/conf/all/rp_filter=2"',
    '"net/ipv4/conf/eth0/arp_announce=0"',
    '"net/ipv4/conf/eth0/arp_ignore=0"',
    '"net/ipv4/conf/eth1/accept_local=0"',
    '"net/ipv4/conf/eth1/forwarding=0"',
    '"net/ipv6/conf/eth0/disable_ipv6=0"',
    '"port eth0 group=default"',
    '"port eth0 state=up"',
  ]);
});

test("ports changed places between two runs: what was the WAN port answers ARP again", async () => {
  const { kernel, clock, log, reconciler } = await started(1);
  await reconciler.stop();
  const swapped = { ...wideGateway, lanPort: "eth0", wanPort: "eth1" };
  const around = { wanMtu: 1500, neighbours: new Map(), lanAddressPresent: false, addresses6: new Map() };
  const desire = () => planDesired(swapped, [], around);
  const second = new Reconciler({
    kernel,
    clock,
    log,
    ruleset: swapped,
    desire,
    foresee: desire,
    desireSome: () => undefined,
    onPass: () => {},
  });
  await second.start();
  const setting = (key: string) => kernel.sysctls.get(key);
  expect(["eth0", "eth1"].map((port) => setting(`net/ipv4/conf/${port}/arp_ignore`))).toEqual(["0", "8"]);
  expect(["eth0", "eth1"].map((port) => setting(`net/ipv4/conf/${port}/forwarding`))).toEqual(["1", "0"]);
  const kept = kernel.tables.elements("inet ipv4_ipv6_gateway", "saved").join();
  expect(kept).not.toMatch(/eth0\/arp_ignore|eth1\/forwarding|eth0 group/);
  expect(["eth0", "eth1"].map((port) => kernel.ip.links.get(port)?.group)).toEqual(["default", "7171"]);
  await second.stop();
  await cleanup(kernel);
  expect(setting("net/ipv4/conf/eth1/arp_ignore")).toBe("0");
});

test("what a pass would do is told in the words of the programs that do it, and nothing is done", async () => {
  const bench = await started(2);
  const { kernel, reconciler } = bench;
  expect(await reconciler.prospect()).toEqual({ actions: [], busy: false });
  kernel.foreign("address delete 198.18.0.1/16 dev gw001122330001");
  kernel.foreign("rule delete pref 32701 type nop protocol 71");
  bench.devices = devices(1);
  const done = kernel.done.length;
  const { actions } = await reconciler.prospect();
  const told = actions.map(describeAction).filter(({ kind }) => kind !== "rule" && kind !== "element");
  expect(told.map(({ verb, subject, commands }) => [verb, subject, ...commands])).toMatchInlineSnapshot(`
    [
      [
        "add",
        "address gw001122330001 198.18.0.1",
        "ip address add 198.18.0.1/16 dev gw001122330001 noprefixroute",
      ],
      [
        "add",
        "route 1000011 198.18.0.0/16",
        "ip route replace 198.18.0.0/16 dev gw001122330001 scope link src 198.18.0.1 table 1000011 protocol 71",
      ],
      [
        "add",
        "route 1000011 0.0.0.0/0",
        "ip route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122330001 onlink src 198.18.0.1 table 1000011 protocol 71",
      ],
      [
        "add",
        "route 999999 198.18.0.0/16",
        "ip route replace 198.18.0.0/16 dev gw001122330001 scope link src 198.18.0.1 table 999999 protocol 71",
      ],
      [
        "add",
        "route 999999 0.0.0.0/0",
        "ip route replace 0.0.0.0/0 via 192.0.2.1 dev gw001122330001 onlink src 198.18.0.1 table 999999 protocol 71",
      ],
      [
        "remove",
        "identity gw001122330002",
        "ip link delete dev gw001122330002",
      ],
    ]
  `);
  expect(actions.map(describeAction).flatMap(({ commands }) => commands)).toContain(
    "ip rule add pref 32701 type nop protocol 71",
  );
  expect(kernel.done.length).toBe(done);
  await bench.pass();
  expect(await reconciler.prospect()).toEqual({ actions: [], busy: false });
});

test("on a kernel without IPv6 identities come up all the same", async () => {
  const bench = new Bench();
  for (const key of [...bench.kernel.sysctls.keys()])
    if (key.startsWith("net/ipv6/")) bench.kernel.sysctls.delete(key);
  const { onLink } = bench.kernel.ip;
  bench.kernel.ip.onLink = (ifname, there) => {
    onLink(ifname, there);
    bench.kernel.sysctls.delete(`net/ipv6/conf/${ifname}/disable_ipv6`);
  };
  bench.devices = devices(1);
  await bench.reconciler.start();
  expect(bench.kernel.ip.links.get("gw001122330001")?.up).toBe(true);
  expect(bench.passes[0]?.failures).toEqual([]);
});

test.each([
  "rule add pref 32701 type nop protocol 71",
  "link delete dev gw001122330001",
  "link set dev gw001122330001 down",
  "address delete 198.18.0.1/16 dev gw001122330001",
])("someone else is a moment faster: %s", async (line) => {
  const bench = await started(1);
  if (line.includes("nop")) bench.kernel.foreign(line.replace("add", "delete"));
  bench.devices = devices(3);
  bench.kernel.beforeNext(() => bench.kernel.foreign(line));
  await bench.pass();
  for (let n = 0; n < 3 && (await bench.open()).length > 0; n++) await bench.pass();
  expect(await bench.open()).toEqual([]);
});

test("an IPv6 address is taken from what the kernel tells of it; told during a look at everything, it is read", async () => {
  const bench = await started6(1);
  const { kernel, reconciler, clock } = bench;
  const [device] = bench.devices;
  if (!device) throw new Error("no device");
  await bench.pass();
  bench.parts = true;
  const [prefix] = prefixes;
  const made = slaacOf(device, prefix);
  const fact = { ip: made, length: 64, origin: "slaac", state: "usable" } as const;
  const reads = () => kernel.started.ipShow;

  const before = reads();
  reconciler.told6(device.mac, fact, false);
  await clock.advance(millis(10));
  const routed = kernel.done.filter((line) => line.includes(`from ${made}/128`));
  expect([reads() - before, routed.length > 0, bench.passes.at(-1)?.macs?.size]).toEqual([0, true, 1]);

  const ask = kernel.nftJson.bind(kernel);
  kernel.nftJson = async (args) => {
    reconciler.told6(device.mac, fact, false);
    return ask(args);
  };
  await bench.pass();
  const whole = bench.passes.at(-1);
  const after = reads();
  await clock.advance(millis(10));
  expect([whole?.macs, bench.passes.at(-1)?.macs?.size, reads() - after]).toEqual([undefined, 1, 1]);
});
