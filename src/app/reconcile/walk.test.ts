/** A random walk: whatever happens to devices and kernel, a few passes later all is as it should be. */
import { expect, test } from "vitest";
import { Refused } from "../../../test/support/fake-ip.ts";
import type { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { Bench, deviceNumber } from "../../../test/support/reconcile-bench.ts";
import { below, pick, randomWalk } from "../../../test/support/walk-seed.ts";
import { changeNetwork6, kernelActs6, leases6 } from "../../../test/support/walk-steps6.ts";
import { ip4FromNumber } from "../../base/ip4.ts";
import type { Rng } from "../../base/rng.ts";
import type { DevicePlan } from "../../plan/desired.ts";
import { nftTable } from "../../plan/marks.ts";
import { mac, router } from "../../plan/sample.fixture.ts";
import { cleanup } from "./cleanup.ts";

const table = `${nftTable.family} ${nftTable.name}`;

/** Something happens to the devices. */
function changeDevices(bench: Bench, rng: Rng): void {
  const fresh = deviceNumber(1 + below(rng, 30));
  const known = bench.devices.find((d) => d.mac === fresh.mac);
  const others = bench.devices.filter((d) => d.mac !== fresh.mac);
  const { lanIp: _lanIp, ipv4: _ipv4, ...bare } = fresh;
  const address = ip4FromNumber(0xc6120000 + 100 + below(rng, 30));
  const lanIp = ip4FromNumber(0xc0a80000 + 2 + below(rng, 1000));
  const free = !bench.devices.some((d) => d.lanIp === lanIp || d.ipv4?.address === address);
  const lease = { ...(fresh.ipv4 ?? { routes: [] }), address };
  const next: DevicePlan | undefined = pick<() => DevicePlan | undefined>(rng, [
    () => undefined,
    () => bare,
    () => fresh,
    () => (free ? { ...fresh, lanIp } : known),
    () => (free ? { ...fresh, ipv4: { ...lease, prefixLength: 8 + below(rng, 25) } } : known),
    () => ({
      ...fresh,
      ipv4: { ...lease, address: fresh.ipv4?.address ?? address, mtu: 1280, prefixLength: 16 },
    }),
    () => ({ ...bare, lanIp: fresh.lanIp ?? lanIp }),
    () => ({ ...(known ?? fresh), ipv6: leases6(rng, fresh) }),
  ])();
  const taken = others.filter((d) => !next?.lanIp || d.lanIp !== next.lanIp);
  const unique = taken.filter((d) => !next?.ipv4 || d.ipv4?.address !== next.ipv4.address);
  bench.devices = next ? [...unique, next] : others;
}

/** Many come, or all but a few go. */
function crowdChanges(bench: Bench, rng: Rng): void {
  if (bench.devices.length > 8) bench.devices = bench.devices.slice(0, below(rng, 3));
  else for (let n = 0; n < 20; n++) changeDevices(bench, rng);
}

type Foreign = (line: string, family?: 6) => void;

/** IPv6 off on an identity, which takes all of it away. */
function turnOff(kernel: FakeKernel, ifname: string): string {
  kernel.sysctls.set(`net/ipv6/conf/${ifname}/disable_ipv6`, "1");
  kernel.ip6.linkState(ifname, false);
  return `link set dev ${ifname} up`;
}

/** Somebody else changes the kernel; whatever of it is ours. */
function meddle(kernel: FakeKernel, foreign: Foreign, rng: Rng): void {
  const { ip, ip6: v6, tables } = kernel;
  const identities = [...ip.links.values()].filter((l) => l.kind === "macvlan");
  const some = <T>(items: readonly T[], line: (item: T) => string, family?: 6): void => {
    if (items.length > 0) foreign(line(pick(rng, items)), family);
  };
  const onIdentities = v6.addresses.filter((a) => a.dev.startsWith("gw"));
  const element = pick(rng, tables.elements(table, "own4").concat("none"));
  pick(rng, [
    () => some(identities, (l) => `link delete dev ${l.ifname}`),
    () => some(identities, (l) => `link set dev ${l.ifname} down`),
    () => some(identities, (l) => `link set dev ${l.ifname} mtu 1000`),
    () => some(ip.addresses, (a) => `address delete ${a.ip}/${a.length} dev ${a.dev}`),
    () => some(ip.addresses, (a) => `address add ${a.ip}/27 dev ${a.dev}`),
    () =>
      some(
        ip.routes,
        (r) => `route delete ${r.destination} dev ${r.dev} table ${r.table} protocol ${r.protocol}`,
      ),
    () => some(ip.neighbours, (n) => `neighbour delete ${n.ip} dev ${n.dev}`),
    () =>
      some(
        ip.rules.filter((r) => r.protocol === "71"),
        (r) =>
          `rule delete pref ${r.preference}${r.not ? " not" : ""}${r.from ? ` from ${r.from}` : ""}${r.to ? ` to ${r.to}` : ""}${r.iif ? ` iif ${r.iif}` : ""} ${r.action} protocol 71`,
      ),
    () => foreign(`link set dev eth0 mtu ${pick(rng, [1500, 1400, 1280])}`),
    () => tables.tables.includes(table) && tables.run(`delete table ${table}\n`),
    () => element !== "none" && tables.run(`delete element ${table} own4 { ${element} }\n`),
    () => tables.tables.includes(table) && tables.run(`add element ${table} snat4 { 192.168.3.77 }\n`),
    () => kernel.sysctls.set("net/ipv4/conf/eth0/arp_ignore", "0"),
    () => some(onIdentities, (a) => `address delete ${a.ip}/${a.length} dev ${a.dev}`),
    () => some(onIdentities, (a) => `address add 2001:db8:1::5/64 dev ${a.dev}`),
    () =>
      some(
        v6.routes,
        (r) =>
          `route delete ${r.destination}${r.from ? ` from ${r.from}` : ""} dev ${r.dev} table ${r.table} protocol ${r.protocol}`,
      ),
    () => some(v6.neighbours, (n) => `neighbour delete ${n.ip} dev ${n.dev}`),
    () =>
      some(
        v6.rules.filter((r) => r.protocol === "71"),
        (r) =>
          `rule delete pref ${r.preference}${r.iif ? ` iif ${r.iif}` : ""} lookup ${r.table}${r.without ? ` suppress_ifgroup ${r.without}` : ""} protocol 71`,
        6,
      ),
    () => some(identities, (l) => turnOff(kernel, l.ifname)),
  ])();
}

const breakable = [
  /^link add/,
  /^link (set dev gw\S+ group|delete)/,
  /^address add 198/,
  /^route replace/,
  /^rule add/,
  /^rule delete/,
  /^add element/,
  /sysctl net\/ipv4\/conf\/gw/,
  /^link show|details/,
  /^add table/,
  /^address (add|replace|delete) 2001/,
  /^route (replace|delete) \S+:/,
  /ip -6 (address|route|rule)/,
];

async function step(bench: Bench, rng: Rng): Promise<void> {
  const foreign: Foreign = (line, family) => {
    try {
      bench.kernel.foreign(line, family);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
    }
  };
  for (let n = below(rng, 4); n >= 0; n--) changeDevices(bench, rng);
  if (below(rng, 12) === 0) crowdChanges(bench, rng);
  if (below(rng, 2) === 0) kernelActs6(bench, rng);
  if (below(rng, 4) === 0) changeNetwork6(bench, rng);
  if (below(rng, 3) === 0) meddle(bench.kernel, foreign, rng);
  if (below(rng, 4) === 0) bench.kernel.beforeNext(() => meddle(bench.kernel, foreign, rng));
  if (below(rng, 4) === 0)
    bench.kernel.failNext(pick(rng, breakable), "RTNETLINK answers: No buffer space available");
  if (below(rng, 8) === 0) bench.neighbours = new Map([[router, mac(`00:aa:00:00:00:0${below(rng, 10)}`)]]);
}

/** Passes until nothing is left to do; a failure injected or a race lost costs one more. */
async function converge(bench: Bench): Promise<void> {
  for (let passes = 1; ; passes++) {
    await bench.pass();
    const open = await bench.open().catch(() => undefined);
    if (open?.length === 0) return;
    if (passes >= 5)
      throw new Error(`after ${passes} passes still to do: ${JSON.stringify(open?.slice(0, 3))}`);
  }
}

test("the kernel follows, and cleanup leaves it as it was", { timeout: 120_000 }, async () => {
  await randomWalk(async (rng) => {
    for (let walk = 0; walk < 6; walk++) {
      const bench = new Bench();
      const before = bench.kernel.dump();
      await bench.reconciler.start();
      for (let n = 0; n < 30; n++) {
        await step(bench, rng);
        await converge(bench);
      }
      await bench.reconciler.stop();
      bench.kernel.calm();
      bench.kernel.foreign("link set dev eth0 mtu 1500");
      for (const a of bench.kernel.ip.addresses.filter(
        (address) => address.length === 27 && address.dev === "eth1",
      ))
        bench.kernel.foreign(`address delete ${a.ip}/27 dev eth1`);
      expect((await cleanup(bench.kernel)).failures).toEqual([]);
      expect(bench.kernel.dump()).toEqual(before);
    }
  });
});
