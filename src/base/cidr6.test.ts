import fc from "fast-check";
import { expect, test } from "vitest";
import { contains6, networkOf6 } from "./cidr6.ts";
import { type Ip6, ip6FromBytes } from "./ip6.ts";

const anyIp6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ip6FromBytes(bytes));
const anyLength = fc.integer({ min: 0, max: 128 });

test("a network holds the addresses whose network it is, and no others", () => {
  fc.assert(
    fc.property(anyIp6, anyIp6, anyLength, (ip, other, length) => {
      const net = networkOf6(ip, length);
      expect(contains6(net, ip)).toBe(true);
      expect(contains6(net, other)).toBe(networkOf6(other, length).address === net.address);
    }),
  );
});

test.each([
  [32, true],
  [64, true],
  [65, false],
  [128, false],
])("of two addresses that differ in the 65th bit: one network of %i bits is %s", (length, expected) => {
  const net = networkOf6("2001:db8::" as Ip6, length);
  expect(contains6(net, "2001:db8:0:0:8000::" as Ip6)).toBe(expected);
});
