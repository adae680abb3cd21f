import { expect, test } from "vitest";
import { emitted, rawOption, readOption } from "./read-option.fixture.ts";

const labels = (count: number): number[] => Array.from({ length: count }, () => [1, 97]).flat();
const letters = (count: number): string => Array.from({ length: count }, () => "a").join(".");

test.each([
  ["present", [1, 3, 99, 97, 109, 0], { value: { flags: 1, name: "cam", absolute: true } }],
  ["whole", [0, 3, 99, 97, 109, 2, 108, 97, 0], { value: { flags: 0, name: "cam.la", absolute: true } }],
  ["without domain", [4, 3, 99, 97, 109], { value: { flags: 4, name: "cam" } }],
  ["no name", [0], { value: { flags: 0, name: "" } }],
  ["the root", [0, 0], { value: { flags: 0, name: "", absolute: true } }],
  ["short", [], { why: "0 bytes, at least 1 needed" }],
  ["short: half a label", [0, 3, 99, 97], { why: "ends inside a label, after 4 bytes" }],
  ["a pointer", [0, 1, 97, 0xc0, 1], { why: "label type 0xc0 at 3" }],
  ["a space", [0, 3, 97, 32, 98], { why: "a label at 1 holds bytes that names do not have" }],
  ["longest", [0, ...labels(127), 0], { value: { flags: 0, name: letters(127), absolute: true } }],
  ["longest without root", [0, ...labels(127)], { value: { flags: 0, name: letters(127) } }],
  ["name too long", [0, ...labels(126), 2, 97, 97], { why: "a name of more than 255 bytes" }],
  ["long: after the root", [0, 1, 97, 0, 1, 98], { why: "2 bytes left over" }],
  ["absent", undefined, {}],
])("option 39, client FQDN: %s", (_, bytes, expected) => {
  expect(readOption("fqdn", 39, bytes)).toStrictEqual(expected);
});

test("option 39, client FQDN: emitted", () => {
  expect(emitted({ fqdn: { flags: 1, name: "cam.la" } })).toEqual(
    rawOption(39, [1, 3, 99, 97, 109, 2, 108, 97]),
  );
  expect(emitted({ fqdn: { flags: 1, name: "cam", absolute: true } })).toEqual(
    rawOption(39, [1, 3, 99, 97, 109, 0]),
  );
  expect(emitted({ fqdn: { flags: 0, name: "" } })).toEqual(rawOption(39, [0]));
  expect(() => emitted({ fqdn: { flags: 0, name: "Bob's cam" } })).toThrow(RangeError);
});
