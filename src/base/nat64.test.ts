import { expect, test } from "vitest";
import { type Cidr6, parseCidr6 } from "./cidr6.ts";
import { type Ip4, ip4FromNumber } from "./ip4.ts";
import { type Ip6, parseIp6 } from "./ip6.ts";
import { embedIp4, extractIp4, nat64Lengths, prefixesOf } from "./nat64.ts";
import { must } from "./parsed.ts";
import { seededRng } from "./rng.ts";

const net = (text: string): Cidr6 => must(parseCidr6(text));
const ip6 = (text: string): Ip6 => must(parseIp6(text));

// RFC 6052 section 2.4, tables 2 and 3.
const table = [
  ["2001:db8::/32", "2001:db8:c000:221::"],
  ["2001:db8:100::/40", "2001:db8:1c0:2:21::"],
  ["2001:db8:122::/48", "2001:db8:122:c000:2:2100::"],
  ["2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"],
  ["2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"],
  ["2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"],
  ["64:ff9b::/96", "64:ff9b::192.0.2.33"],
] as const;

test.each(table)("192.0.2.33 in %s is %s, there and back", (prefix, text) => {
  expect(embedIp4(net(prefix), "192.0.2.33" as Ip4)).toBe(ip6(text));
  expect(extractIp4(net(prefix), ip6(text))).toBe("192.0.2.33");
});

test("of another prefix, or with something in octet 8, there is no IPv4 address", () => {
  expect(extractIp4(net("2001:db8:1::/96"), ip6("2001:db8:2::c000:221"))).toBeUndefined();
  expect(extractIp4(net("2001:db8::/32"), ip6("2001:db8:c000:221:100::"))).toBeUndefined();
});

test("what was put in comes out, at all lengths", () => {
  const rng = seededRng(6052);
  for (let n = 0; n < 100; n++) {
    const ip = ip4FromNumber(rng.uint32());
    for (const length of nat64Lengths) {
      const prefix = { address: "2001:db8::" as Ip6, length };
      expect(extractIp4(prefix, embedIp4(prefix, ip))).toBe(ip);
    }
  }
});

test.each(table)("ipv4only.arpa tells of %s", (prefix) => {
  const records = (["192.0.0.170", "192.0.0.171"] as const).map((ip) => embedIp4(net(prefix), ip as Ip4));
  expect(prefixesOf(records)).toEqual([net(prefix)]);
});

test("several prefixes stand in the order of the records; what tells of none or is ambiguous is left out", () => {
  expect(
    prefixesOf([
      ip6("2001:db8:64::192.0.0.171"),
      ip6("2001:db8:1::192.0.2.1"),
      ip6("64:ff9b::192.0.0.170"),
      ip6("2001:db8:64::192.0.0.170"),
      // At /32 and at /96.
      ip6("2001:db8:c000:aa::c000:aa"),
    ]),
  ).toEqual([net("2001:db8:64::/96"), net("64:ff9b::/96")]);
});
