import { expect, test } from "vitest";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { forever, seconds } from "../../base/time.ts";
import { rdnss } from "./rdnss.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";

const one = [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 0x53];
const two = [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 0x54];
const head = (units: number): number[] => [25, units, 0, 0, 0, 0, 0x02, 0x58];
const servers = ["2001:db8::53", "2001:db8::54"].map((text) => must(parseIp6(text)));
const lifetime = seconds(600);

test.each([
  ["present", [...head(3), ...one], { value: { lifetime, servers: servers.slice(0, 1) } }],
  ["two", [...head(5), ...one, ...two], { value: { lifetime, servers } }],
  [
    "for ever",
    [25, 3, 0, 0, 255, 255, 255, 255, ...one],
    { value: { lifetime: forever, servers: servers.slice(0, 1) } },
  ],
  ["short: no server", head(1), { why: "0 bytes, a multiple of 16 needed" }],
  ["short: half a server", [...head(2), ...one.slice(8)], { why: "8 bytes, a multiple of 16 needed" }],
  [
    "long: a server and a half",
    [...head(4), ...one, ...zeros(8)],
    { why: "24 bytes, a multiple of 16 needed" },
  ],
  ["absent", nonce, {}],
])("option 25, recursive DNS servers: %s", (_, bytes, expected) => {
  expect(readOption(rdnss, bytes)).toStrictEqual(expected);
});

test("option 25, recursive DNS servers: emitted", () => {
  expect(emitted(rdnss, { lifetime, servers })).toEqual([...head(5), ...one, ...two]);
});
