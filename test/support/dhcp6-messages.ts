/** For properties: any DHCPv6 message that can be emitted and comes back the same. */
import fc from "fast-check";
import { type Ip6, ip6FromBytes } from "../../src/base/ip6.ts";
import {
  type Dhcp6Message,
  type Dhcp6Options,
  type IaAddress,
  type IaNa,
  type MessageType6,
  messageTypes6,
  type RawOption,
  type Status,
} from "../../src/wire/dhcp6/message.ts";
import { iaAddress } from "../../src/wire/dhcp6-options/ia-address.ts";
import { messageOptions } from "../../src/wire/dhcp6-options/table.ts";

const u8 = fc.nat(0xff);
export const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
export const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });
export const ip: fc.Arbitrary<Ip6> = bytes(16, 16).map((octets) => ip6FromBytes(octets));

const names = fc.oneof(
  fc.constant("."),
  list(fc.stringMatching(/^[a-z0-9_-]{1,12}$/)).map((labels) => labels.join(".")),
);
const duid = bytes(3, 130);
const seconds = fc.integer({ min: 60, max: 86_400 });
const status: fc.Arbitrary<Status> = fc.record(
  { code: u16, text: fc.string({ unit: "grapheme", maxLength: 20 }) },
  { noNullPrototype: true },
);

export const typedCodes = new Set(Object.values(messageOptions.codecs).map(({ code }) => code));
const raw = (typed: ReadonlySet<number>): fc.Arbitrary<RawOption> =>
  fc.record(
    { code: fc.oneof(u8, u16).filter((code) => !typed.has(code)), data: bytes(0, 40) },
    { noNullPrototype: true },
  );

const address: fc.Arbitrary<IaAddress> = fc.record(
  { address: ip, preferred: u32, valid: u32, status, unknown: list(raw(new Set([13]))) },
  { requiredKeys: ["address", "preferred", "valid"], noNullPrototype: true },
);
const iaNa: fc.Arbitrary<IaNa> = fc.record(
  {
    iaid: u32,
    t1: u32,
    t2: u32,
    addresses: fc.array(address, { maxLength: 2 }),
    status,
    unknown: list(raw(new Set([13, iaAddress.code]))),
  },
  { requiredKeys: ["iaid", "t1", "t2", "addresses"], noNullPrototype: true },
);

const fqdn: fc.Arbitrary<NonNullable<Dhcp6Options["fqdn"]>> = fc.record(
  {
    flags: u8,
    name: names.map((name) => (name === "." ? "" : name)),
    absolute: fc.constant(true as const),
  },
  { requiredKeys: ["flags", "name"], noNullPrototype: true },
);

const options: fc.Arbitrary<Dhcp6Options> = fc.record(
  {
    clientId: duid,
    serverId: duid,
    iaNa: list(iaNa),
    requestList: list(u16),
    preference: u8,
    elapsed: u16,
    auth: bytes(11, 40),
    status,
    rapidCommit: fc.constant(true as const),
    vendorClass: bytes(4, 40),
    reconfigure: fc.constantFrom(5, 6, 11),
    dnsServers: list(ip),
    domainSearch: list(names),
    informationRefresh: u32,
    fqdn,
    ntpServers: list(ip),
    solMaxRt: seconds,
    infMaxRt: seconds,
  },
  { requiredKeys: [], noNullPrototype: true },
);

export const message: fc.Arbitrary<Dhcp6Message> = fc.record(
  {
    type: fc.constantFrom(...(Object.keys(messageTypes6) as MessageType6[])),
    xid: fc.nat(0xffffff),
    options,
    unknown: fc.array(raw(typedCodes), { maxLength: 2 }),
    malformed: fc.constant([]),
  },
  { noNullPrototype: true },
);
