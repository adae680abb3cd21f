/** The kernel in memory against what the real one printed and said. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { writeSettings } from "../../src/app/reconcile/identity-settings.ts";
import { observe } from "../../src/app/reconcile/observe.ts";
import { elementsOf } from "../../src/plan/desired.ts";
import { diff } from "../../src/plan/diff.ts";
import { parseObserved, type RawObservation } from "../../src/plan/observe.ts";
import { renderIp, renderUp } from "../../src/plan/render.ts";
import { resourceKey } from "../../src/plan/resource.ts";
import { renderRuleset } from "../../src/plan/ruleset.ts";
import { gateway, ip6, prefixes, sample6 } from "../../src/plan/sample.fixture.ts";
import { FakeKernel } from "./fake-kernel.ts";

const real = (): RawObservation => {
  const file = new URL("../../src/plan/fixtures/observed.jsonl", import.meta.url);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => JSON.parse(line))) as RawObservation;
};

async function withSample(): Promise<FakeKernel> {
  const kernel = new FakeKernel();
  await kernel.nft(renderRuleset(gateway, elementsOf(sample6()), new Map()));
  for (const action of diff(sample6(), [])) {
    const { resource } = action;
    const up = resource.kind === "identity" ? [renderUp(resource)] : [];
    const family = resource.kind === "rule6" ? 6 : undefined;
    expect(await kernel.ipBatch([...renderIp(action), ...up], family)).toEqual([]);
    if (resource.kind !== "identity") continue;
    await writeSettings(kernel, resource.ifname);
    for (const { address } of prefixes) kernel.ip6.advertise(resource.ifname, address);
  }
  return kernel;
}

test("prints the sample as the real tools do", async () => {
  const kernel = await withSample();
  const ours = (await observe(kernel, [])).resources.filter((r) => r.kind !== "port");
  const theirs = parseObserved(real()).resources.filter((r) => r.kind !== "port");
  const sorted = (list: typeof ours) => [...list].sort((a, b) => (resourceKey(a) < resourceKey(b) ? -1 : 1));
  expect(sorted(ours)).toEqual(sorted(theirs));
});

const identity = "gw001122334451";
test.each([
  [`address add 192.0.2.10/24 dev ${identity} noprefixroute`, "Error: ipv4: Address already assigned."],
  ["address add 10.1.1.1/24 dev nosuch", 'Cannot find device "nosuch"'],
  ["address delete 10.7.7.7/24 dev eth1", "Error: ipv4: Address not found."],
  ["rule add pref 10001 not iif eth1 goto 5 protocol 71", "RTNETLINK answers: File exists"],
  ["rule delete pref 12000 type nop protocol 71", "RTNETLINK answers: No such file or directory"],
  ["route delete 10.77.0.0/16 dev eth1 table 77 protocol 71", "Error: FIB table does not exist."],
  ["route delete 10.77.0.0/16 dev eth1 table 999999 protocol 71", "RTNETLINK answers: No such process"],
  [
    `route replace 10.5.0.0/16 via 192.0.2.1 dev ${identity} onlink src 192.0.2.99 table 5 protocol 71`,
    "Error: Invalid prefsrc address.",
  ],
  ["neighbour delete 1.2.3.4 dev eth1", "RTNETLINK answers: No such file or directory"],
  [`link set dev ${identity} mtu 3000`, "RTNETLINK answers: Invalid argument"],
  [
    `link add link eth0 name ${identity} address 00:11:22:33:44:51 mtu 1500 group 7171 type macvlan mode private bcqueuelen 10000`,
    "RTNETLINK answers: File exists",
  ],
  [`address add 2001:db8:1::77/128 dev ${identity} noprefixroute`, "Error: ipv6: address already assigned."],
  [`address delete 2001:db8:1::7a/128 dev ${identity}`, "Error: ipv6: address not found."],
  [`neighbour delete fe80::99 dev ${identity}`, "RTNETLINK answers: No such file or directory"],
  [`route delete ::/0 dev ${identity} table 99 protocol 71`, "Error: FIB table does not exist."],
  [`route delete ::/0 dev ${identity} table 999998 protocol 71`, "RTNETLINK answers: No such process"],
  [
    `route replace ::/0 via fe80::1 dev ${identity} src 2001:db8:1::99 table 999999 protocol 71`,
    "Error: Invalid source address.",
  ],
])("ip %s: %s", async (line, message) => {
  const kernel = await withSample();
  const before = kernel.dump();
  expect(await kernel.ipBatch([line])).toEqual([{ line: 0, message }]);
  expect(kernel.dump()).toEqual(before);
});

test.each([
  ["rule add pref 10000 lookup 999998 protocol 71", "RTNETLINK answers: File exists"],
  ["rule delete pref 40001 iif lo lookup 999999 protocol 71", "RTNETLINK answers: No such file or directory"],
])("ip -6 %s: %s", async (line, message) => {
  const kernel = await withSample();
  expect(await kernel.ipBatch([line], 6)).toEqual([{ line: 0, message }]);
});

test("without `-6` a rule without addresses is one of IPv4", async () => {
  const kernel = await withSample();
  expect(await kernel.ipBatch(["rule add pref 10005 lookup 999998 protocol 71"])).toEqual([]);
  expect(
    [kernel.ip.rules, kernel.ip6.rules].map((rules) => rules.some((r) => r.preference === 10005)),
  ).toEqual([true, false]);
});

test("an IPv6 address that goes leaves its routes, without their source", async () => {
  const kernel = await withSample();
  const borrowed = () => kernel.ip6.routes.filter((r) => r.table === "999999").map((r) => r.source);
  expect(new Set(borrowed())).toEqual(new Set(["2001:db8:1::77"]));
  kernel.foreign(`address delete 2001:db8:1::77/128 dev ${identity}`);
  expect(borrowed()).toEqual([undefined, undefined]);
});

test("an interface taken down loses all of IPv6; set up again it forms its link-local address", async () => {
  const kernel = await withSample();
  kernel.foreign(`link set dev ${identity} down`);
  kernel.ip6.advertise(identity, ip6("2001:db8:3::"));
  const carried = () => kernel.ip6.addresses.filter((a) => a.dev === identity).map((a) => a.ip);
  expect([carried(), kernel.ip6.routes, kernel.ip6.neighbours]).toEqual([[], [], []]);
  kernel.foreign(`link set dev ${identity} up`);
  expect(carried()).toEqual(["fe80::211:22ff:fe33:4451"]);
});

test("where IPv6 is off there is none", async () => {
  const kernel = await withSample();
  kernel.foreign(`link set dev ${identity} down`);
  kernel.sysctls.set(`net/ipv6/conf/${identity}/disable_ipv6`, "1");
  kernel.foreign(`link set dev ${identity} up`);
  const address = `address add 2001:db8:1::77/128 dev ${identity} noprefixroute`;
  const route = `route replace ::/0 via fe80::1 dev ${identity} table 999998 protocol 71`;
  expect((await kernel.ipBatch([address, route])).map((f) => f.message)).toEqual([
    "Error: ipv6: IPv6 is disabled on this device.",
    "Error: IPv6 is disabled on nexthop device.",
  ]);
});

test("an interface taken down loses routes and neighbours, not its IPv4 address; nothing is routed over it", async () => {
  const kernel = await withSample();
  kernel.foreign(`link set dev ${identity} down`);
  const { addresses, routes, neighbours } = kernel.ip;
  expect([addresses.length, routes.length, neighbours.length]).toEqual([2, 0, 0]);
  const line = `route replace 10.5.0.0/16 via 192.0.2.1 dev ${identity} onlink src 192.0.2.10 table 5 protocol 71`;
  expect(await kernel.ipBatch([line])).toEqual([{ line: 0, message: "Error: Nexthop device is not up." }]);
});

test("a script that fails applies nothing", async () => {
  const kernel = await withSample();
  const before = kernel.dump();
  const element = "element inet ipv4_ipv6_gateway own4";
  const script = `add ${element} { 192.0.2.9 . "x" }\ndelete ${element} { 192.0.2.77 . "x" }\n`;
  await expect(kernel.nft(script)).rejects.toMatchObject({ code: "nft-failed" });
  expect(kernel.dump()).toEqual(before);
});

test("what it does not know it refuses loudly", async () => {
  const kernel = new FakeKernel();
  await expect(kernel.ipBatch(["link set dev eth0 promisc on"])).rejects.toThrow("does not know");
  await expect(kernel.ipJson(["route", "show"])).rejects.toThrow("does not know");
  await expect(kernel.nft("flush ruleset\n")).rejects.toThrow("does not know");
  await expect(kernel.writeSysctl("net/ipv4/conf/gw1/rp_filter", "0")).rejects.toMatchObject({
    code: "sysctl-failed",
  });
});

test("failures and races happen once, to the one they were meant for", async () => {
  const kernel = new FakeKernel();
  kernel.failNext(/nop/, "RTNETLINK answers: No buffer space available");
  let raced = 0;
  kernel.beforeNext(() => raced++);
  const line = "rule add pref 32701 type nop protocol 71";
  expect((await kernel.ipBatch(["link set dev eth0 up", line])).map((f) => f.line)).toEqual([1]);
  expect(await kernel.ipBatch([line])).toEqual([]);
  expect([raced, kernel.failuresLeft]).toEqual([1, 0]);
});
