import { expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import { dnssl } from "./dnssl.ts";
import { emitted, nonce, readOption, zeros } from "./read-option.fixture.ts";

const head = (units: number): number[] => [31, units, 0, 0, 0, 0, 0x02, 0x58];
const lifetime = seconds(600);
const value = (...domains: string[]) => ({ value: { lifetime, domains } });

test.each([
  ["present", [...head(2), 1, 97, 2, 98, 99, 0, 0, 0], value("a.bc")],
  ["two", [...head(2), 1, 97, 0, 2, 98, 99, 0, 0], value("a", "bc")],
  ["filling all", [...head(2), 1, 97, 4, 98, 99, 100, 101, 0], value("a.bcde")],
  ["long: more zeros than needed", [...head(3), 1, 97, 0, ...zeros(13)], value("a")],
  ["short: no names", head(1), { why: "no names" }],
  ["only zeros", [...head(2), ...zeros(8)], { why: "no names" }],
  [
    "short: no end",
    [...head(2), 1, 97, 5, 98, 99, 100, 101, 102],
    { why: "ends inside a name, after 8 bytes" },
  ],
  [
    "short: in a label",
    [...head(2), 1, 97, 6, 98, 99, 100, 101, 102],
    { why: "ends inside a label, after 8 bytes" },
  ],
  ["a pointer", [...head(2), 1, 97, 0, 1, 98, 0xc0, 0, 0], { why: "compression pointer at 5" }],
  [
    "a line feed in a label",
    [...head(2), 2, 97, 10, 0, 0, 0, 0, 0],
    { why: "a label at 0 holds bytes that names do not have" },
  ],
  ["absent", nonce, {}],
])("option 31, domains to search: %s", (_, bytes, expected) => {
  expect(readOption(dnssl, bytes)).toStrictEqual(expected);
});

test("option 31, domains to search: emitted", () => {
  expect(emitted(dnssl, { lifetime, domains: ["a", "bc"] })).toEqual([...head(2), 1, 97, 0, 2, 98, 99, 0, 0]);
});
