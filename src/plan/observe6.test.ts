import { expect, test } from "vitest";
import type { Address6Fact } from "./desired6.ts";
import { parseObserved6 } from "./observe6.ts";

const ifname = "gw001122334451";
const observed = (info: object) =>
  parseObserved6(
    {
      addresses6: [{ ifname, addr_info: [{ family: "inet6", ...info }] }],
      routes6: [],
      rules6: [],
      neighbours6: [],
    },
    new Set(),
  );
const slaac = { local: "2001:db8:1:0:211:22ff:fe33:4451", prefixlen: 64, dynamic: true, mngtmpaddr: true };
const leased = { local: "2001:db8:1::77", prefixlen: 128, noprefixroute: true };

// As iproute2 6.1 printed them, lifetimes and scope left out.
test.each<[string, object, Address6Fact["origin"], Address6Fact["state"], boolean]>([
  ["formed by the kernel", slaac, "slaac", "usable", true],
  [
    "formed, looked for duplicates of, and used meanwhile",
    { ...slaac, optimistic: true, tentative: true },
    "slaac",
    "usable",
    true,
  ],
  [
    "formed, looked for duplicates of, and not used yet",
    { ...slaac, tentative: true },
    "slaac",
    "tentative",
    true,
  ],
  [
    "formed, and somebody else's",
    { ...slaac, optimistic: true, dadfailed: true, tentative: true },
    "slaac",
    "duplicate",
    true,
  ],
  ["of a prefix that is deprecated", { ...slaac, deprecated: true }, "slaac", "deprecated", true],
  ["leased", leased, "leased", "usable", true],
  ["leased, looked for duplicates of", { ...leased, tentative: true }, "leased", "tentative", true],
  [
    "leased, and somebody else's",
    { ...leased, dadfailed: true, tentative: true },
    "leased",
    "duplicate",
    true,
  ],
  [
    "leased, deprecated, looked for duplicates of",
    { ...leased, deprecated: true, tentative: true },
    "leased",
    "deprecated",
    true,
  ],
  [
    "leased, deprecated, and somebody else's",
    { ...leased, deprecated: true, dadfailed: true, tentative: true },
    "leased",
    "duplicate",
    true,
  ],
  ["link-local", { local: "fe80::211:22ff:fe33:4451", prefixlen: 64 }, "link-local", "usable", false],
  ["put by hand", { local: "2001:db8:1::5", prefixlen: 64 }, "other", "usable", true],
])("an address that is %s", (_, info, origin, state, isResource) => {
  const { resources, addresses6 } = observed(info);
  const { local: ip, prefixlen: length } = info as typeof slaac;
  expect(addresses6.get(ifname)).toEqual([{ ip, length, origin, state }]);
  const deprecated = origin === "leased" && "deprecated" in info ? { deprecated: true } : {};
  const resource = { kind: "address6", ifname, ip, length, origin, ...deprecated };
  expect(resources).toEqual(isResource ? [resource] : []);
});

test("a route that lost its source is another one than was put", () => {
  const route = { dst: "default", gateway: "fe80::1", dev: ifname, table: "999999", flags: [] };
  const { resources } = parseObserved6(
    { addresses6: [], routes6: [route], rules6: [], neighbours6: [] },
    new Set(),
  );
  expect(resources).toEqual([
    {
      kind: "route6",
      table: 999_999,
      destination: { address: "::", length: 0 },
      via: "fe80::1",
      ifname,
    },
  ]);
});
