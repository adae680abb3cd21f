import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { networkOf } from "../base/cidr4.ts";
import { networkOf6 } from "../base/cidr6.ts";
import { type Ip4, ip4FromNumber, isHostIp4 } from "../base/ip4.ts";
import { ip6FromBytes, isRoutableIp6 } from "../base/ip6.ts";
import { isMulticastMac, macFromBytes, zeroMac } from "../base/mac.ts";
import { wallTime } from "../base/time.ts";
import { deviceSchema, deviceStatuses, encodeDevice, type StoredDevice } from "./state-device.ts";
import { parseStateFile, renderStateFile } from "./state-file.ts";
import type { NetworkFacts } from "./state-network.ts";

const example = `{
  "version": 1,
  "written_at": "2026-01-31T12:00:00.000Z",
  "network": {
    "ipv4": {
      "offer": "yes",
      "routers": ["10.20.0.1"],
      "servers": ["10.20.0.1"]
    },
    "ipv6": {
      "offer": "yes",
      "routers": ["fe80::1"],
      "slaac": ["2001:db8:1::/64"],
      "stateful": "answers",
      "stateless": false,
      "nat64": []
    }
  },
  "devices": {
    "02:00:5e:10:00:01": {
      "mac_address": "02:00:5e:10:00:01",
      "ipv4_address": "192.168.1.100",
      "ipv4_wan_address": "10.20.0.57",
      "ipv6_address": null,
      "status": "active",
      "reason": null,
      "hostname": "printer",
      "discovered_at": "2026-01-31T11:00:00.000Z",
      "last_seen": "2026-01-31T11:59:58.000Z",
      "fingerprint": {
        "hostname": "printer",
        "parameter_list": [1, 3, 6, 15, 28],
        "max_message_size": 576,
        "vendor_class": "7564686370",
        "client_id": "0102005e100001"
      },
      "lease4": {
        "address": "10.20.0.57",
        "prefix_length": 24,
        "routes": [
          { "destination": "0.0.0.0/0", "router": "10.20.0.1" },
          { "destination": "10.30.0.0/16", "router": "10.20.0.2" }
        ],
        "dns_servers": ["10.20.0.1"],
        "ntp_servers": [],
        "domain_name": "example.net",
        "domain_search": [],
        "mtu": null,
        "v6_only_preferred": null,
        "server_id": "10.20.0.1",
        "server_mac": "02:00:00:00:00:fe",
        "acquired_at": "2026-01-31T11:30:00.000Z",
        "renew_at": "2026-01-31T12:00:00.000Z",
        "rebind_at": "never",
        "expires_at": "never"
      },
      "lease6": {
        "addresses": [
          { "address": "2001:db8:1::1:57", "preferred_until": "2026-01-31T13:00:00.000Z", "valid_until": "never" }
        ],
        "dns_servers": ["2001:db8:1::53"],
        "domain_search": [],
        "ntp_servers": [],
        "server_id": "0001000123456789020000000001",
        "acquired_at": "2026-01-31T11:30:00.000Z",
        "renew_at": "2026-01-31T12:00:00.000Z",
        "rebind_at": "2026-01-31T12:30:00.000Z"
      }
    }
  }
}
`;

const change = (from: string | RegExp, to: string): string => {
  const changed = example.replace(from, to);
  expect(changed).not.toBe(example);
  return changed;
};
const errorOf = (text: string): string => {
  const parsed = parseStateFile(text);
  return parsed.ok ? "" : parsed.error;
};

test("reads and writes the same text", () => {
  const parsed = parseStateFile(example);
  if (!parsed.ok) throw new Error(parsed.error);
  expect(renderStateFile(parsed.value)).toBe(example);
  const [device] = parsed.value.devices.values();
  expect(device?.lease4?.expires_at).toBe(Number.POSITIVE_INFINITY);
  expect(device?.lease4?.routes[1]).toEqual({
    destination: { address: "10.30.0.0", length: 16 },
    router: "10.20.0.2",
  });
  expect(device?.fingerprint?.client_id).toEqual(Uint8Array.of(1, 2, 0, 0x5e, 0x10, 0, 1));
});

test("keys unknown to this version are left out, absent ones read as null", () => {
  const parsed = parseStateFile(
    change('"status": "active",\n      "reason": null,', '"status": "active", "later": {"x": 1},'),
  );
  if (!parsed.ok) throw new Error(parsed.error);
  expect(renderStateFile(parsed.value)).toBe(example);
});

test.each([
  [
    "version",
    '"version": 1',
    '"version": 2',
    "written by a newer gateway: version 2, this one reads up to 1; update the gateway or move the file away",
  ],
  ["version of no kind", '"version": 1', '"version": "x"', 'version is "x", which is not allowed there'],
  [
    "MAC",
    '"mac_address": "02:00:5e:10:00:01"',
    '"mac_address": "$(reboot)"',
    'devices.02:00:5e:10:00:01.mac_address is "$(reboot)", which is not allowed there',
  ],
  [
    "group MAC",
    /02:00:5e:10:00:01/g,
    "03:00:5e:10:00:01",
    'devices.03:00:5e:10:00:01.mac_address is "03:00:5e:10:00:01", which is not allowed there',
  ],
  [
    "other MAC",
    '"mac_address": "02:00:5e:10:00:01"',
    '"mac_address": "02:00:5e:10:00:02"',
    "devices.02:00:5e:10:00:01.mac_address is 02:00:5e:10:00:02: the two must be equal",
  ],
  [
    "key",
    '"02:00:5e:10:00:01": {',
    '"x y": {',
    'devices has the key "x y", which is not a MAC address in lower case with colons',
  ],
  [
    "address",
    '"address": "10.20.0.57"',
    '"address": "10.20.0.57; x"',
    'devices.02:00:5e:10:00:01.lease4.address is "10.20.0.57; x", which is not allowed there',
  ],
  [
    "address of no host",
    '"address": "10.20.0.57"',
    '"address": "224.0.0.1"',
    'devices.02:00:5e:10:00:01.lease4.address is "224.0.0.1", which is not allowed there',
  ],
  [
    "route",
    "10.30.0.0/16",
    "10.30.0.1/16",
    'devices.02:00:5e:10:00:01.lease4.routes.1.destination is "10.30.0.1/16", which is not allowed there',
  ],
  [
    "time",
    '"rebind_at": "never"',
    '"rebind_at": "soon"',
    'devices.02:00:5e:10:00:01.lease4.rebind_at is "soon", which is not allowed there',
  ],
  [
    "status",
    '"status": "active"',
    '"status": "great"',
    'devices.02:00:5e:10:00:01.status is "great", which is not allowed there',
  ],
  [
    "hex",
    "7564686370",
    "756",
    'devices.02:00:5e:10:00:01.fingerprint.vendor_class is "756", which is not allowed there',
  ],
])("a wrong %s refuses the file", (_what, from, to, error) => {
  expect(errorOf(change(from, to))).toBe(error);
});

test("what is no state file says so", () => {
  expect(errorOf(example.slice(0, 300))).toMatch(/^not JSON: /);
  for (const text of ["[]", "null", "5", '"x"', '{"a": 1}'])
    expect(errorOf(text)).toMatch(/not a state file|not allowed there/);
});

test("imports the original's devices.json", () => {
  const parsed = parseStateFile(
    JSON.stringify({
      "AA:BB:CC:00:00:01": {
        mac_address: "AA:BB:CC:00:00:01",
        ipv4_address: "192.168.1.105",
        ipv4_wan_address: "10.0.0.9",
        ipv6_address: "2001:db8::1,2001:db8::2",
        status: "error",
        discovered_at: "2025-11-20T10:00:00.123456",
        last_seen: "2025-11-20T10:05:00.5",
      },
      "aa:bb:cc:00:00:02": { ipv4_address: "x; reboot", status: "active" },
      "ff:ff:ff:ff:ff:ff": { status: "active" },
    }),
  );
  if (!parsed.ok) throw new Error(parsed.error);
  expect(parsed.value.origin).toBe("original devices.json");
  expect([...parsed.value.devices.keys()]).toEqual(["aa:bb:cc:00:00:01", "aa:bb:cc:00:00:02"]);
  expect([...parsed.value.devices.values()][0]).toMatchObject({
    ipv4_address: "192.168.1.105",
    ipv4_wan_address: "10.0.0.9",
    ipv6_address: "2001:db8::1,2001:db8::2",
    status: "failed",
    lease4: null,
  });
  expect(parsed.value.notes).toEqual([
    'aa:bb:cc:00:00:02: ipv4_address "x; reboot" makes no sense; it is left out.',
    '"ff:ff:ff:ff:ff:ff" is not the MAC address of a device; it is left out.',
  ]);
  expect(parseStateFile(renderStateFile(parsed.value))).toMatchObject({ ok: true });
});

test("imports the original's single device.json", () => {
  const parsed = parseStateFile(
    JSON.stringify({
      mac_address: "aa:bb:cc:00:00:01",
      lan_ipv4: "192.168.1.128",
      wan_ipv4: "10.0.0.9",
      wan_ipv6: null,
      wan_ipv6_all: [],
      discovered_at: "2025-11-20T10:00:00",
      last_updated: "2025-11-20T10:05:00",
      status: "configured",
    }),
  );
  if (!parsed.ok) throw new Error(parsed.error);
  expect(parsed.value).toMatchObject({ origin: "original device.json", notes: [] });
  expect([...parsed.value.devices.values()]).toMatchObject([
    {
      mac_address: "aa:bb:cc:00:00:01",
      ipv4_address: "192.168.1.128",
      ipv4_wan_address: "10.0.0.9",
      status: "active",
    },
  ]);
});

const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((b) => macFromBytes(b))
  .filter((m) => m !== zeroMac && !isMulticastMac(m));
const ip = fc.integer({ min: 0, max: 0xffffffff }).map(ip4FromNumber);
const host = ip.filter(isHostIp4);
const ip6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => ip6FromBytes(b));
const host6 = ip6.filter(isRoutableIp6);
const cidr6 = fc.tuple(ip6, fc.integer({ min: 0, max: 128 })).map(([a, l]) => networkOf6(a, l));
const moment = fc.integer({ min: 0, max: 8e12 }).map(wallTime);
const someday = fc.oneof(moment, fc.constant(wallTime(Number.POSITIVE_INFINITY)));
const text = fc.string({ unit: "binary" });
const or = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: null });
const device: fc.Arbitrary<StoredDevice> = fc.record({
  mac_address: mac,
  ipv4_address: or<Ip4>(host),
  ipv4_wan_address: or<Ip4>(host),
  ipv6_address: or(fc.ipV6()),
  status: fc.constantFrom(...deviceStatuses),
  reason: or(text),
  hostname: or(text),
  discovered_at: or(moment),
  last_seen: or(moment),
  fingerprint: or(
    fc.record({
      hostname: or(text),
      parameter_list: or(fc.array(fc.integer({ min: 0, max: 255 }))),
      max_message_size: or(fc.integer({ min: 0, max: 65535 })),
      vendor_class: or(fc.uint8Array()),
      client_id: or(fc.uint8Array()),
    }),
  ),
  lease4: or(
    fc.record({
      address: host,
      prefix_length: fc.integer({ min: 1, max: 32 }),
      routes: fc.array(
        fc.record({
          destination: fc.tuple(ip, fc.integer({ min: 0, max: 32 })).map(([a, l]) => networkOf(a, l)),
          router: ip,
        }),
      ),
      dns_servers: fc.array(ip),
      ntp_servers: fc.array(ip),
      domain_name: or(text),
      domain_search: fc.array(text),
      mtu: or(fc.integer({ min: 68, max: 65535 })),
      v6_only_preferred: or(fc.integer({ min: 0, max: 0xffffffff })),
      server_id: ip,
      server_mac: mac,
      acquired_at: moment,
      renew_at: someday,
      rebind_at: someday,
      expires_at: someday,
    }),
  ),
  lease6: or(
    fc.record({
      addresses: fc.array(fc.record({ address: host6, preferred_until: someday, valid_until: someday }), {
        minLength: 1,
      }),
      dns_servers: fc.array(ip6),
      domain_search: fc.array(text),
      ntp_servers: fc.array(ip6),
      server_id: fc.uint8Array(),
      acquired_at: moment,
      renew_at: someday,
      rebind_at: someday,
    }),
  ),
});
const offer = fc.constantFrom("yes" as const, "no" as const, "unknown" as const);
const network: fc.Arbitrary<NetworkFacts> = fc.record({
  ipv4: fc.record({ offer, routers: fc.array(ip), servers: fc.array(ip) }),
  ipv6: fc.record({
    offer,
    routers: fc.array(ip6),
    slaac: fc.array(cidr6),
    stateful: fc.constantFrom("no" as const, "announced" as const, "answers" as const),
    stateless: fc.boolean(),
    nat64: fc.array(cidr6),
  }),
});

test("whatever is written reads back as the same state", () => {
  fc.assert(
    fc.property(fc.array(device, { maxLength: 5 }), moment, or(network), (list, writtenAt, facts) => {
      const devices = new Map(list.map((d) => [d.mac_address, d] as const));
      const parsed = parseStateFile(renderStateFile({ writtenAt, network: facts, devices }));
      expect(parsed).toEqual({
        ok: true,
        value: { writtenAt, network: facts, devices, origin: "gateway", notes: [] },
      });
    }),
    { numRuns: 300 },
  );
});

test("a device is written as its schema would encode it", () => {
  fc.assert(
    fc.property(device, (one) => {
      expect(encodeDevice(one)).toEqual(z.encode(deviceSchema, one));
    }),
  );
});

test("parseStateFile never throws, on text, JSON or a damaged file", () => {
  const damaged = fc
    .tuple(fc.nat(example.length), fc.nat(40), fc.string({ maxLength: 10 }))
    .map(([at, n, put]) => example.slice(0, at) + put + example.slice(at + n));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), damaged), (given) => {
      const parsed = parseStateFile(given);
      if (!parsed.ok) expect(parsed.error).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 3000 },
  );
});
