import { expect, test } from "vitest";
import { formatCidr6 } from "../base/cidr6.ts";
import type { DevicePlan } from "./desired.ts";
import type { Address6Fact, Network6Plan, RouterPlan } from "./desired6.ts";
import { borrowTable, identityName, sourceTable } from "./marks.ts";
import type { Resource } from "./resource.ts";
import {
  around6,
  camera,
  dual,
  ip6,
  mac,
  net6,
  network6,
  prefixes,
  printer,
  sample,
  sample6,
  slaacOf,
} from "./sample.fixture.ts";
import { mostLinks } from "./ways6.ts";

type Kind<K extends Resource["kind"]> = Extract<Resource, { kind: K }>;
const ofKind = <K extends Resource["kind"]>(desired: Map<string, Resource>, kind: K): Kind<K>[] =>
  [...desired.values()].filter((r): r is Kind<K> => r.kind === kind);

const routesOf = (desired: Map<string, Resource>, table: number): string[] =>
  ofKind(desired, "route6")
    .filter((r) => r.table === table)
    .map((r) => `${formatCidr6(r.destination)} via ${r.via ?? "link"} for ${r.from ?? r.source}`);
const defaults = (desired: Map<string, Resource>, table = sourceTable): string[] =>
  routesOf(desired, table).filter((text) => text.startsWith("::/0"));

const with6 = (leased: readonly string[], slaac: readonly string[] = []): DevicePlan => ({
  ...camera,
  ipv6: { leased: leased.map((a) => ({ address: ip6(a), deprecated: false })), slaac: slaac.map(ip6) },
});
const plan = (device: DevicePlan, network: Network6Plan): Map<string, Resource> =>
  sample6([device], { network6: network });
const [first, second] = network6.routers as [RouterPlan, RouterPlan];

test("an address leaves by the router that advertised its prefix, whatever the preference", () => {
  expect(defaults(plan(with6(["2001:db8:2::5"]), network6))).toEqual([
    `::/0 via ${second.address} for 2001:db8:2::5`,
  ]);
});

test("an address of no advertised prefix leaves by the best router", () => {
  expect(defaults(plan(with6(["2001:db8:77::5"]), network6))).toEqual([
    `::/0 via ${first.address} for 2001:db8:77::5`,
  ]);
});

test("when its router is gone, an address leaves by another", () => {
  const left = { ...network6, routers: [second] };
  expect(defaults(plan(with6(["2001:db8:1::5"]), left))).toEqual([
    `::/0 via ${second.address} for 2001:db8:1::5`,
  ]);
});

test("without a router the link is reached, and nothing beyond", () => {
  const desired = plan(with6(["2001:db8:1::5"]), { routers: [], onLink: [prefixes[0]] });
  expect(routesOf(desired, sourceTable)).toEqual(["2001:db8:1::/64 via link for 2001:db8:1::5"]);
  expect(ofKind(desired, "neighbour6")).toEqual([]);
});

test("of a network that is not known nothing is routed, and the address is put", () => {
  const { network6: _, ...unknown } = around6;
  const desired = sample([with6(["2001:db8:1::5"])], unknown);
  expect(ofKind(desired, "address6").map((a) => a.ip)).toEqual(["2001:db8:1::5"]);
  expect([...ofKind(desired, "route6"), ...ofKind(desired, "rule6")]).toEqual([]);
});

test("an identity has entries of the routers that it uses and that are known, and of no others", () => {
  const entries = (network: Network6Plan) =>
    ofKind(plan(with6(["2001:db8:1::5"]), network), "neighbour6").map((n) => `${n.ip} ${n.mac}`);
  expect(entries(network6)).toEqual([`${first.address} ${mac("00:aa:00:00:00:01")}`]);
  const { mac: _, ...silent } = first;
  expect(entries({ ...network6, routers: [silent, second] })).toEqual([]);
});

test("what is leased and was made by the kernel as well stays the kernel's", () => {
  const both = slaacOf(camera, prefixes[0]);
  const desired = sample6([with6([both], [both])]);
  expect(ofKind(desired, "address6").map((a) => a.origin)).toEqual(["slaac"]);
  expect(defaults(desired)).toHaveLength(1);
});

test("what the kernel is still trying stays, and comes before a lease of the same address", () => {
  const trying = slaacOf(camera, prefixes[0]);
  const addresses6 = (state: Address6Fact["state"]) =>
    new Map([[identityName(camera.mac), [{ ip: trying, length: 64, origin: "slaac", state } as const]]]);
  const kept = (state: Address6Fact["state"], device: DevicePlan) =>
    ofKind(sample6([device], { addresses6: addresses6(state) }), "address6").map((a) => a.origin);
  expect([kept("tentative", with6([])), kept("duplicate", with6([]))]).toEqual([["slaac"], ["slaac"]]);
  expect([kept("usable", with6([])), kept("deprecated", with6([]))]).toEqual([[], []]);
  expect(kept("tentative", with6([trying]))).toEqual(["slaac"]);
  expect(kept("usable", with6([trying]))).toEqual(["leased"]);
});

test("while nothing is known of a device's IPv6, what the kernel made stays, without routes", () => {
  const desired = sample6([printer]);
  expect(ofKind(desired, "address6").map((a) => a.ip)).toEqual(prefixes.map((p) => slaacOf(printer, p)));
  expect(ofKind(desired, "route6")).toEqual([]);
});

test("the gateway's own traffic has the lender's first address that is usable and not deprecated", () => {
  const sources = (state: "tentative" | "usable" | "deprecated", device = dual): string[] => {
    const facts = around6.addresses6.get(identityName(camera.mac)) ?? [];
    const changed = facts.map((f) => (f.ip === "2001:db8:1::77" ? { ...f, state } : f));
    const addresses6 = new Map([[identityName(camera.mac), changed]]);
    return defaults(sample6([device], { addresses6 }), borrowTable);
  };
  expect(sources("usable")).toEqual([`::/0 via ${first.address} for 2001:db8:1::77`]);
  const made = [`::/0 via ${first.address} for ${slaacOf(camera, prefixes[0])}`];
  expect(sources("tentative")).toEqual(made);
  expect(sources("deprecated")).toEqual(made);
  const retiring = { leased: [{ address: ip6("2001:db8:1::77"), deprecated: true }], slaac: [] };
  expect(sources("usable", { ...dual, ipv6: retiring })).toEqual([]);
});

test("a lease of a prefix that is advertised no more is not the source of the gateway's own traffic", () => {
  const leftBehind = { address: ip6("2001:db8:9::5"), deprecated: false };
  const source = (slaac: readonly string[], network: Network6Plan = network6): string[] => {
    const facts = [leftBehind.address, ...slaac].map(
      (ip) => ({ ip: ip6(ip), length: 64, origin: "slaac", state: "usable" }) as const,
    );
    const device = { ...camera, ipv6: { leased: [leftBehind], slaac: slaac.map(ip6) } };
    const addresses6 = new Map([[identityName(camera.mac), facts]]);
    return defaults(sample6([device], { addresses6, network6: network }), borrowTable);
  };
  const made = slaacOf(camera, prefixes[1]);
  expect(source([made])).toEqual([`::/0 via ${second.address} for ${made}`]);
  expect(source([])).toEqual([]);
  const bare = network6.routers.map((r) => ({ ...r, prefixes: [], onLink: [] }));
  const nothingAdvertised = { routers: bare, onLink: [] };
  expect(source([made], nothingAdvertised)).toEqual([`::/0 via ${first.address} for ${leftBehind.address}`]);
});

test("neighbours in another prefix of the address's own router are on the link, others are the router's business", () => {
  const both = { ...first, prefixes, onLink: [net6("2001:db8:3::/64"), prefixes[0]] };
  const links = (address: string, network: Network6Plan): string[] =>
    routesOf(plan(with6([address]), network), sourceTable).filter((text) => !text.startsWith("::/0"));
  const onLink = [...prefixes, net6("2001:db8:3::/64")];
  expect(links("2001:db8:1::5", { routers: [both, second], onLink })).toEqual([
    "2001:db8:1::/64 via link for 2001:db8:1::5",
    "2001:db8:3::/64 via link for 2001:db8:1::5",
  ]);
  expect(links("2001:db8:2::5", { routers: [second, both], onLink })).toEqual([
    "2001:db8:2::/64 via link for 2001:db8:2::5",
  ]);
});

test("2,000 devices with addresses in 16 prefixes: planned, in proportion to the addresses", {
  timeout: 30_000,
}, () => {
  const nets = Array.from({ length: 16 }, (_, n) => net6(`2001:db8:${(n + 1).toString(16)}::/64`));
  const network = { routers: [{ ...first, prefixes: nets, onLink: nets }], onLink: nets };
  const devices = Array.from({ length: 2000 }, (_, n): DevicePlan => {
    const own = mac(`00:11:22:33:${[n >> 8, n & 255].map((o) => o.toString(16).padStart(2, "0")).join(":")}`);
    return { mac: own, ipv6: { leased: [], slaac: nets.map((net) => slaacOf({ mac: own }, net)) } };
  });
  const desired = sample6(devices, { network6: network, addresses6: new Map() });
  const count = ofKind(desired, "route6").length;
  expect(count).toBe(2000 * 16 * (mostLinks + 1));
  expect(desired.size).toBeGreaterThan(150_000);
});

test("with no lender, or one that has nothing yet, the gateway's own traffic has no way", () => {
  const without = sample([dual], { network6, addresses6: around6.addresses6 });
  expect(routesOf(without, borrowTable)).toEqual([]);
  const unborn = sample6([dual], { addresses6: new Map() });
  expect([routesOf(unborn, borrowTable), ofKind(unborn, "rule6").map((r) => r.preference)]).toEqual([
    [],
    [10_000],
  ]);
});

test("a WAN port that speaks for itself is told whose addresses are not its own", () => {
  const listed = (ownMac: "silent" | "use"): string[] =>
    ofKind(sample6([dual], { ownMac }), "element").flatMap((e) => (e.set === "own6" ? [e.key] : []));
  expect(listed("silent")).toEqual([]);
  expect(listed("use")).toEqual([
    "2001:db8:1::77",
    "2001:db8:1::78",
    ...prefixes.map((p) => slaacOf(camera, p)),
  ]);
});

test("prefixes of any length hold their addresses", () => {
  const routers = [first, { ...second, prefixes: [net6("2001:db8:f000::/36")] }];
  expect(defaults(plan(with6(["2001:db8:f123::5"]), { routers, onLink: [] }))).toEqual([
    `::/0 via ${second.address} for 2001:db8:f123::5`,
  ]);
});
