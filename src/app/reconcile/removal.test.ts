import { expect, test } from "vitest";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { Bench, deviceNumber } from "../../../test/support/reconcile-bench.ts";
import { identityName, leavingGroup, wanGroup } from "../../plan/marks.ts";
import { type Identity, resourceKey } from "../../plan/resource.ts";
import { removeIdentities } from "./removal.ts";

const identityNumber = (n: number): Identity => {
  const { mac } = deviceNumber(n);
  const ifname = identityName(mac);
  return { kind: "identity", ifname, mac, parent: "eth0", mtu: 1500, group: wanGroup, up: true };
};

/** A kernel with so many identities, and they. */
function withIdentities(count: number): { kernel: FakeKernel; identities: Identity[] } {
  const kernel = new FakeKernel();
  const identities = Array.from({ length: count }, (_, n) => identityNumber(n + 1));
  for (const { ifname, mac } of identities)
    kernel.ip.addLink({ ...foreign, ifname, mac, kind: "macvlan", parent: "eth0", group: wanGroup });
  return { kernel, identities };
}

const foreign = {
  ...{ ifname: "vlan7", mac: "02:00:00:00:00:f7", mtu: 1500 },
  ...{ up: true, carrier: true, group: "default" },
};
const names = (kernel: FakeKernel): string[] => [...kernel.ip.links.keys()];
const deletions = (kernel: FakeKernel): string[] =>
  kernel.done.filter((line) => line.startsWith("ip link delete"));
const together = `ip link delete group ${leavingGroup}`;

test("a crowd goes in one step, the others and the port in their group stay", async () => {
  const { kernel, identities } = withIdentities(12);
  kernel.foreign(`link set dev eth0 group ${wanGroup}`);
  expect(await removeIdentities(kernel, identities.slice(2))).toEqual([]);
  expect(deletions(kernel)).toEqual([together]);
  expect(names(kernel)).toEqual(["eth0", "eth1", identities[0]?.ifname, identities[1]?.ifname]);
});

test("a few go one by one, and are moved nowhere", async () => {
  const { kernel, identities } = withIdentities(7);
  expect(await removeIdentities(kernel, identities)).toEqual([]);
  expect(kernel.done).toEqual(identities.map(({ ifname }) => `ip link delete dev ${ifname}`));
  expect(names(kernel)).toEqual(["eth0", "eth1"]);
});

test("none are none", async () => {
  const { kernel } = withIdentities(0);
  expect(await removeIdentities(kernel, [])).toEqual([]);
  expect(kernel.done).toEqual([]);
});

test.each([
  ["another program's interface", { ...foreign, kind: "veth" }],
  ["a card", { ...foreign, kind: "ethernet" }],
  ["an identity that is to stay", { ...foreign, ifname: identityNumber(99).ifname, kind: "macvlan" }],
  [
    "no macvlan, with the name of one of them",
    { ...foreign, ifname: identityNumber(5).ifname, kind: "veth" },
  ],
] as const)("%s in that group: all go one by one, and it stays", async (_, link) => {
  const { kernel, identities } = withIdentities(12);
  const leaving = identities.filter(({ ifname }) => ifname !== link.ifname);
  kernel.ip.addLink({ ...link, carrier: true, group: leavingGroup });
  const asked = link.ifname === identityNumber(5).ifname ? identities : leaving;
  await removeIdentities(kernel, asked.slice(0, 12));
  expect(kernel.done).not.toContain(together);
  expect(names(kernel).filter((name) => leaving.some(({ ifname }) => ifname === name))).toEqual([]);
});

test("a card that gets in after the look keeps the kernel from deleting any: they go one by one", async () => {
  const { kernel, identities } = withIdentities(12);
  kernel.beforeNext(() => {});
  kernel.beforeNext(() =>
    kernel.ip.addLink({ ...foreign, kind: "ethernet", carrier: true, group: leavingGroup }),
  );
  expect(await removeIdentities(kernel, identities)).toEqual([]);
  expect(deletions(kernel)).toHaveLength(12);
  expect(names(kernel)).toEqual(["eth0", "eth1", "vlan7"]);
});

test("what the kernel does not let into the group goes alone", async () => {
  const { kernel, identities } = withIdentities(12);
  kernel.failNext(/^link set dev gw001122330003 group/, "RTNETLINK answers: Operation not permitted");
  expect(await removeIdentities(kernel, identities)).toEqual([]);
  expect(deletions(kernel)).toEqual([together, "ip link delete dev gw001122330003"]);
  expect(names(kernel)).toEqual(["eth0", "eth1"]);
});

test("what is gone already is no failure", async () => {
  const { kernel, identities } = withIdentities(12);
  for (const { ifname } of identities.slice(0, 6)) kernel.foreign(`link delete dev ${ifname}`);
  expect(await removeIdentities(kernel, identities)).toEqual([]);
  expect(await removeIdentities(kernel, identities)).toEqual([]);
  expect(names(kernel)).toEqual(["eth0", "eth1"]);
});

test("where the links cannot be read they go one by one", async () => {
  const { kernel, identities } = withIdentities(12);
  kernel.failNext(/link show group/, "Dump terminated");
  expect(await removeIdentities(kernel, identities)).toEqual([]);
  expect(deletions(kernel)).toHaveLength(12);
});

test("which could not be deleted is told", async () => {
  const { kernel, identities } = withIdentities(300);
  kernel.failNext(/^link delete group/, "RTNETLINK answers: Operation not supported");
  kernel.failNext(/^link delete dev gw0011223300c8/, "RTNETLINK answers: Device or resource busy");
  expect(await removeIdentities(kernel, identities)).toEqual([
    {
      key: resourceKey(identityNumber(200)),
      message: "RTNETLINK answers: Device or resource busy (ip link delete dev gw0011223300c8)",
    },
  ]);
  expect(names(kernel)).toEqual(["eth0", "eth1", "gw0011223300c8"]);
  // A batch has 30 seconds, and each deletion takes tens of milliseconds.
  expect(kernel.started.ipBatch).toBe(2 + 3);
});

test("a crowd leaves while the gateway runs: the next look finds nothing left, and what was refused is tried again", async () => {
  const bench = new Bench();
  bench.devices = Array.from({ length: 40 }, (_, n) => deviceNumber(n + 1));
  await bench.reconciler.start();
  bench.kernel.failNext(/^link delete group/, "RTNETLINK answers: Operation not supported");
  bench.kernel.failNext(/^link delete dev gw001122330028/, "RTNETLINK answers: Device or resource busy");
  bench.devices = bench.devices.slice(0, 10);
  await bench.pass();
  expect(bench.passes.at(-1)?.failures.map(({ key }) => key)).toEqual(["identity gw001122330028"]);
  expect((await bench.open()).map(({ kind, resource }) => `${kind} ${resourceKey(resource)}`)).toEqual([
    "delete identity gw001122330028",
  ]);
  await bench.pass();
  expect(await bench.open()).toEqual([]);
  bench.kernel.done.length = 0;
  bench.devices = [];
  await bench.pass();
  expect(deletions(bench.kernel)).toEqual([together]);
  expect(await bench.open()).toEqual([]);
  await bench.reconciler.stop();
});

test("one that was on its way out and is wanted again is back in its group", async () => {
  const bench = new Bench();
  bench.devices = [deviceNumber(1)];
  await bench.reconciler.start();
  bench.kernel.foreign(`link set dev gw001122330001 group ${leavingGroup}`);
  await bench.pass();
  expect(bench.kernel.ip.links.get("gw001122330001")?.group).toBe(wanGroup);
  await bench.reconciler.stop();
});
