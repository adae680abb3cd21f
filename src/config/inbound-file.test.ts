import { expect, test } from "vitest";
import { parseIp4 } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import {
  choose,
  type InboundChoice,
  openTo,
  parseInboundFile,
  parseSource,
  renderInboundFile,
  unchoose,
} from "./inbound-file.ts";

const ip = (text: string) => must(parseIp4(text));
const open = (address: string, ...from: string[]): InboundChoice => ({
  ...{ address: ip(address), inbound: "all", from },
});

test("what is written is read again; networks inside others are left out", () => {
  const list = [open("192.168.1.9", "2001:db8::/32", "192.0.2.0/24")];
  expect(parseInboundFile(renderInboundFile(list))).toEqual({ ok: true, value: list });
  const nested = [open("192.168.1.9", "192.0.2.7", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32")];
  expect(must(parseInboundFile(renderInboundFile(nested)))[0]?.from).toEqual([
    "192.0.2.0/24",
    "2001:db8::/32",
  ]);
});

test.each([
  ["{", "not JSON"],
  ['{"version":1,"devices":[{"address":"$(x)","inbound":"all","from":[]}]}', "devices.0.address is"],
  ['{"version":1,"devices":[{"address":"192.168.1.9","inbound":"some","from":[]}]}', "devices.0.inbound is"],
  [
    '{"version":1,"devices":[{"address":"192.168.1.9","inbound":"all","from":["0; drop"]}]}',
    "devices.0.from.0 is",
  ],
  [renderInboundFile([open("192.168.1.9"), open("192.168.1.9")]), "192.168.1.9 is there twice"],
])("%s is refused", (text, error) => {
  expect(parseInboundFile(text)).toMatchObject({ ok: false, error: expect.stringContaining(error) });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["192.0.2.7/32", "192.0.2.7"],
  ["0.0.0.0/0", "0.0.0.0/0"],
  ["2001:DB8:0::/32", "2001:db8::/32"],
  ["2001:db8::1/128", "2001:db8::1"],
  ["::/0", "::/0"],
])("%s is the network %s", (text, net) => {
  expect(parseSource(text)).toEqual({ ok: true, value: net });
});

test.each([
  "192.0.2.7/24",
  "2001:db8::1/64",
  "192.0.2.0/33",
  "2001:db8::/129",
  "x",
  "",
  "1.2.3.4/8/8",
  "::/ 0",
])("%j is no network", (text) => {
  expect(parseSource(text).ok).toBe(false);
});

test("said again it changes nothing, said otherwise it takes the earlier one's place", () => {
  const list = must(choose([], open("192.168.1.9")));
  expect(must(choose(list, open("192.168.1.9")))).toBe(list);
  expect(must(choose(list, open("192.168.1.9", "::/0")))).toEqual([open("192.168.1.9", "::/0")]);
  expect(unchoose(list, ip("192.168.1.8"))).toBe(list);
  expect(unchoose(list, ip("192.168.1.9"))).toEqual([]);
});

test("who may reach a device", () => {
  const everybody = ["0.0.0.0/0", "::/0"];
  const closed: InboundChoice = { address: ip("192.168.1.8"), inbound: "ports", from: [] };
  const list = [open("192.168.1.9"), open("192.168.1.7", "::/0"), closed];
  expect(openTo(list, ip("192.168.1.9"), "ports")).toEqual(everybody);
  expect(openTo(list, ip("192.168.1.7"), "all")).toEqual(["::/0"]);
  expect(openTo(list, ip("192.168.1.8"), "all")).toEqual([]);
  expect(openTo(list, ip("192.168.1.6"), "all")).toEqual(everybody);
  expect(openTo(list, ip("192.168.1.6"), "ports")).toEqual([]);
});
