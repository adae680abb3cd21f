import fc from "fast-check";
import { expect, test } from "vitest";
import type { Cidr6 } from "../base/cidr6.ts";
import { ip4FromNumber } from "../base/ip4.ts";
import { macFromBytes } from "../base/mac.ts";
import type { DevicePlan } from "./desired.ts";
import { type Action, diff } from "./diff.ts";
import { type Resource, resourceKey } from "./resource.ts";
import {
  anywhere,
  camera,
  ip,
  ip6,
  prefixes,
  printer,
  router,
  sample,
  sample6,
  slaacOf,
} from "./sample.fixture.ts";

const lan = { ip: ip("192.168.0.1"), length: 22 };
const devices = fc
  .uniqueArray(
    fc.record({
      n: fc.integer({ min: 2, max: 250 }),
      leased: fc.boolean(),
      on: fc.boolean(),
      leased6: fc.option(fc.boolean()),
      slaac: fc.subarray([...prefixes]),
    }),
    { maxLength: 12, selector: ({ n }) => n },
  )
  .map((list) => list.map(deviceOf));

interface Drawn {
  readonly n: number;
  readonly leased: boolean;
  readonly on: boolean;
  /** Whether the address is deprecated. */
  readonly leased6: boolean | null;
  readonly slaac: readonly Cidr6[];
}

function deviceOf({ n, leased, on, leased6, slaac }: Drawn): DevicePlan {
  const mac = macFromBytes(Uint8Array.of(0, 0, 0, 0, 0, n));
  const address6 = ip6(`2001:db8:1::${n}`);
  const address = ip4FromNumber(0xc0000200 + n);
  return {
    mac,
    ipv6: {
      leased: leased6 === null ? [] : [{ address: address6, deprecated: leased6 }],
      slaac: slaac.map((prefix) => slaacOf({ mac }, prefix)),
    },
    ...(on ? { lanIp: ip4FromNumber(0xc0a80000 + n * 4) } : {}),
    ...(leased ? { ipv4: { address, prefixLength: 24, routes: [{ destination: anywhere, router }] } } : {}),
  };
}
const desiredOf = (list: readonly DevicePlan[]): Map<string, Resource> => sample6(list, { lan });
const isMade = (r: Resource): boolean => r.kind === "address6" && r.origin === "slaac";

/** What is there after the actions were carried out; interfaces take with them what they carry. */
function carryOut(there: readonly Resource[], actions: readonly Action[]): Resource[] {
  const key = (r: Resource): string => JSON.stringify(r);
  let now = new Map(there.map((r) => [key(r), r]));
  for (const action of actions) {
    const { resource } = action;
    if (action.kind === "put") {
      if (action.was) now.delete(key(action.was));
      now.set(key(resource), resource);
      continue;
    }
    expect(now.delete(key(resource)), `deletes what is not there: ${key(resource)}`).toBe(true);
    if (resource.kind === "identity")
      now = new Map([...now].filter(([, r]) => !("ifname" in r) || r.ifname !== resource.ifname));
  }
  return [...now.values()];
}

test("what is as it should be needs nothing", () => {
  fc.assert(
    fc.property(devices, (list) => {
      const desired = desiredOf(list);
      expect(diff(desired, [...desired.values()].reverse())).toEqual([]);
    }),
  );
});

test("from any devices to any others, and then nothing is left to do", () => {
  fc.assert(
    fc.property(devices, devices, (before, after) => {
      const there = [...desiredOf(before).values()];
      const desired = desiredOf(after);
      const reached = carryOut(there, diff(desired, there));
      expect(diff(desired, reached)).toEqual([]);
      const texts = (list: Iterable<Resource>) =>
        new Set([...list].filter((r) => !isMade(r)).map((r) => JSON.stringify(r)));
      expect(texts(reached)).toEqual(texts(desired.values()));
      // Of what the kernel makes, nothing is put, and nothing stays that is not wanted.
      const keys = new Set(desired.keys());
      expect(reached.filter(isMade).every((r) => keys.has(resourceKey(r)))).toBe(true);
    }),
  );
});

const addOrder = [
  "ruleset",
  "sysctl",
  "port",
  "identity",
  "address",
  "neighbour",
  "route",
  "element",
  "rule",
];
/** Both families side by side. */
const rankOf = (r: Resource): number => addOrder.indexOf(r.kind.replace(/6$/, ""));

test("adds in the order of need, then deletes the other way round", () => {
  fc.assert(
    fc.property(devices, devices, (before, after) => {
      const actions = diff(desiredOf(after), [...desiredOf(before).values()]);
      const rank = ({ kind, resource }: Action): number =>
        kind === "put" ? rankOf(resource) : 100 - rankOf(resource);
      const ranks = actions.map(rank);
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      const preferences = (kind: Action["kind"]): number[] =>
        actions.flatMap((a) =>
          a.kind === kind && "preference" in a.resource ? [a.resource.preference] : [],
        );
      // A leaf before the `goto` that leads to it; the way there before the leaf.
      expect(preferences("put")).toEqual(preferences("put").sort((a, b) => b - a));
      expect(preferences("delete")).toEqual(preferences("delete").sort((a, b) => a - b));
    }),
  );
});

test("what falls with an interface is not deleted by itself", () => {
  const actions = diff(sample([printer]), [...sample([camera, printer]).values()]);
  const deleted = actions.filter((a) => a.kind === "delete").map((a) => a.resource.kind);
  expect(new Set(deleted)).toEqual(new Set(["rule", "element", "identity"]));
});

test("ports and settings are put, never deleted", () => {
  const there: Resource[] = [
    { kind: "port", ifname: "eth9", up: true },
    { kind: "sysctl", key: "net/ipv4/conf/eth1/forwarding", value: "0" },
  ];
  expect(diff(new Map(), there)).toEqual([]);
  const put = diff(sample(), there).filter((a) => a.kind === "put" && a.was);
  expect(put).toEqual([
    {
      kind: "put",
      resource: { kind: "sysctl", key: "net/ipv4/conf/eth1/forwarding", value: "1" },
      was: there[1],
    },
  ]);
});
