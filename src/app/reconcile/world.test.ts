import { expect, test } from "vitest";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { instant, plus, seconds } from "../../base/time.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { diff } from "../../plan/diff.ts";
import type { Resource } from "../../plan/resource.ts";
import { camera, sample } from "../../plan/sample.fixture.ts";
import type { KernelEvent } from "../../ports/kernel.ts";
import { World } from "./world.ts";

const start = instant(1_000_000);
const later = plus(start, seconds(60));
const ifname = "gw001122334451";
const nothing = {
  ports: new Map(),
  foreignAddresses: new Set<string>(),
  addresses6: new Map(),
  saved: new Map(),
};

/** With the camera in place. */
function withCamera(): World {
  const ports = new Map([["eth0", { mac: undefined, mtu: 1500, up: true, carrier: true }]]);
  const world = new World({ ...nothing, ports, resources: [] });
  world.expect(diff(sample([camera]), []), start);
  return world;
}

const link = (over: Partial<Extract<KernelEvent, { kind: "link" }>> = {}): KernelEvent => ({
  ...{ kind: "link", ifname, up: true, carrier: true, gone: false, mtu: 1500, group: "7171" },
  ...over,
});

const address = (ip: string, gone: boolean): KernelEvent => ({
  ...{ kind: "address", ifname, family: 4, ip, length: 24, made: false, gone, state: "usable" },
});

test("what took long to carry out is expected from its end on", () => {
  const world = withCamera();
  const there = sample([camera]);
  const actions = [...there.values()].flatMap((resource) =>
    resource.kind === "rule" ? [{ kind: "delete" as const, resource }] : [],
  );
  world.expect(actions, later);
  const end = plus(later, seconds(60));
  const event: KernelEvent = { kind: "rule", preference: actions[0]?.resource.preference ?? 0, gone: true };
  world.expect([{ kind: "put", resource: actions[0]?.resource as Resource }], end);
  expect(world.explains(event, end)).toBe(false);
  world.did(actions, end);
  expect(world.explains(event, plus(end, seconds(2)))).toBe(true);
});

test.each<[what: string, event: KernelEvent, lately: boolean, later: boolean]>([
  ["an identity that is up", link(), true, true],
  ["an identity that is down", link({ up: false, carrier: false }), true, false],
  ["an identity whose port has no carrier", link({ carrier: false }), true, true],
  ["an identity that is gone", link({ gone: true, up: false, carrier: false }), false, false],
  ["an interface that nobody knows", link({ ifname: "eth9" }), false, false],
  ["the WAN port as it was", link({ ifname: "eth0" }), true, true],
  ["the WAN port without carrier", link({ ifname: "eth0", carrier: false }), true, true],
  ["the WAN port that is down", link({ ifname: "eth0", up: false, carrier: false }), false, false],
  ["the WAN port with another MTU", link({ ifname: "eth0", mtu: 1400 }), false, false],
  ["the WAN port in another group", link({ ifname: "eth0", group: "default" }), false, false],
  ["our address", address("192.0.2.10", false), true, true],
  ["our address, gone", address("192.0.2.10", true), false, false],
  ["a strange address", address("192.0.2.99", false), false, false],
  ["our route", { kind: "route", ifname, key: "route 1000002 0.0.0.0/0", gone: false }, true, true],
  ["our route, gone", { kind: "route", ifname, key: "route 1000002 0.0.0.0/0", gone: true }, false, false],
  ["a route of the kernel's own", { kind: "route", ifname, key: undefined, gone: false }, true, true],
  [
    "a route of somebody else's",
    { kind: "route", ifname: "eth0", key: undefined, gone: false },
    false,
    false,
  ],
  ["our rule", { kind: "rule", preference: 32700, gone: false }, true, true],
  ["our rule, gone", { kind: "rule", preference: 32700, gone: true }, false, false],
  ["a strange rule", { kind: "rule", preference: 77, gone: false }, false, false],
  ["a setting of an identity", { kind: "setting", ifname }, true, false],
  ["a setting of all", { kind: "setting", ifname: "all" }, false, false],
  ["our element", { kind: "nftables", keys: ["element snat4 192.168.1.2"], gone: false }, true, true],
  ["our element, gone", { kind: "nftables", keys: ["element snat4 192.168.1.2"], gone: true }, false, false],
  ["a rule of our table", { kind: "nftables", keys: [], gone: false }, false, false],
  ["lost events", { kind: "resync" }, false, false],
])("what explains %s: just done, and long ago", (_, event, lately, long) => {
  const world = withCamera();
  expect([world.explains(event, start), world.explains(event, later)]).toEqual([lately, long]);
});

test("with an identity all that lies on it goes", () => {
  const world = withCamera();
  const identity = sample([camera]).get(`identity ${ifname}`) as Resource;
  expect(world.of([ifname], []).length).toBeGreaterThan(4);
  world.expect([{ kind: "delete", resource: identity }], later);
  expect(world.of([ifname], [])).toEqual([]);
  expect(world.explains(link({ carrier: false }), later)).toBe(true);
});

test("IPv6 addresses are what was seen last", () => {
  const world = withCamera();
  const address = (ip: string) => ({ kind: "address6", ifname, ip, length: 64, origin: "slaac" }) as Resource;
  const fact = { ip: "2001:db8::1", length: 64, origin: "slaac", state: "usable" } as never;
  world.seen6([ifname], { resources: [address("2001:db8::1")], addresses6: new Map([[ifname, [fact]]]) });
  world.seen6([ifname], { resources: [address("2001:db8::2")], addresses6: new Map() });
  const six = world.of([ifname], []).filter(({ kind }) => kind === "address6");
  expect(six).toEqual([address("2001:db8::2")]);
  expect(world.addresses6.get(ifname)).toEqual([]);
});

test("of a rule that is put otherwise the kernel tells that the old one is gone", () => {
  const world = withCamera();
  const rule = (target: number) =>
    ({ kind: "rule", preference: 10_011, action: { to: "goto", preference: target } }) as const;
  world.expect([{ kind: "put", resource: rule(10_020), was: rule(10_021) }], later);
  for (const gone of [true, false])
    expect(world.explains({ kind: "rule", preference: 10_011, gone }, later)).toBe(true);
});

test("what was taken away to be put back otherwise is explained for some seconds", () => {
  const world = withCamera();
  const rule = [...sample([camera]).values()].find(
    (r) => r.kind === "rule" && r.preference === 10012,
  ) as Resource;
  const element = sample([camera]).get("element snat4 192.168.1.2") as Resource;
  world.expect(
    [rule, element].flatMap((resource) => [
      { kind: "delete", resource },
      { kind: "put", resource },
    ]),
    later,
  );
  const gone: readonly KernelEvent[] = [
    { kind: "rule", preference: 10012, gone: true },
    { kind: "nftables", keys: ["element snat4 192.168.1.2"], gone: true },
  ];
  const explained = (at: typeof later) => gone.map((event) => world.explains(event, at));
  expect(explained(later)).toEqual([true, true]);
  expect(explained(plus(later, seconds(60)))).toEqual([false, false]);
});

test("an IPv6 address that we put is expected to be checked, and then is no more once it was taken away", () => {
  const world = new World({ ...nothing, resources: [] });
  const ip = must(parseIp6("2001:db8::5"));
  const resource = { kind: "address6", ifname, ip, length: 128, origin: "leased" } as const;
  world.expect([{ kind: "put", resource }], start);
  expect(world.addresses6.get(ifname)).toEqual([{ ip, length: 128, origin: "leased", state: "tentative" }]);
  const usable = { ip, length: 128, origin: "leased", state: "usable" } as const;
  world.seen6([ifname], { resources: [resource], addresses6: new Map([[ifname, [usable]]]) });
  world.expect([{ kind: "put", resource }], start);
  expect(world.addresses6.get(ifname)).toEqual([usable]);
  world.expect([{ kind: "delete", resource }], start);
  expect(world.addresses6.get(ifname)).toEqual([]);
});

test("what is told of an IPv6 address of an identity is how it is; of others nothing is kept", () => {
  const world = withCamera();
  const ip = must(parseIp6("2001:db8::5"));
  const key = `address6 ${ifname} ${ip}`;
  const fact = { ip, length: 128, origin: "leased", state: "tentative" } as const;
  const told = (over: Partial<Address6Fact> = {}, gone = false, of = ifname): void =>
    world.told6(of, { ...fact, ...over }, gone);
  told();
  expect([world.addresses6.get(ifname), world.has(key)]).toEqual([[fact], true]);
  told({ state: "deprecated" });
  expect(world.of([ifname], [])).toContainEqual({
    ...{ kind: "address6", ifname, ip, length: 128, origin: "leased" },
    deprecated: true,
  });
  const own = { ip: must(parseIp6("fe80::211:22ff:fe33:4451")), length: 64 } as const;
  told({ ...own, origin: "link-local", state: "usable" });
  expect(world.addresses6.get(ifname)?.map(({ state }) => state)).toEqual(["deprecated", "usable"]);
  expect(world.has(`address6 ${ifname} ${own.ip}`)).toBe(false);
  told({ state: "deprecated" }, true);
  expect([world.addresses6.get(ifname)?.length, world.has(key)]).toEqual([1, false]);
  told({}, false, "gw00aabbccddee");
  expect(world.addresses6.has("gw00aabbccddee")).toBe(false);
});
