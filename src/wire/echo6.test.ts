import { expect, test } from "vitest";
import { type Ip6, parseIp6 } from "../base/ip6.ts";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { emitEchoFrame, readEchoAnswer } from "./echo6.ts";
import { emitEthernet, etherTypes } from "./ethernet.ts";
import { emitIcmpv6 } from "./icmpv6.ts";
import { emitIpv6, nextHeaders, parseIpv6 } from "./ipv6.ts";

const mac = must(parseMac("02:00:5e:10:00:01"));
const routerMac = must(parseMac("00:aa:00:00:00:01"));
const ip = must(parseIp6("2001:db8:a::1"));
const target = must(parseIp6("2001:db8:64::c0af:3006"));
const hop = must(parseIp6("2001:db8:64::a40:1"));
const asked = emitEchoFrame({ mac, ip, routerMac, target, identifier: 7, hopLimit: 3 });

/** An ICMPv6 message to the one who asked. */
const message = (type: number, body: Uint8Array, source: Ip6): Uint8Array => {
  const hosts = { source, destination: ip };
  const payload = emitIcmpv6({ type, code: 0, body }, hosts);
  return emitEthernet({
    ...{ source: routerMac, destination: mac, etherType: etherTypes.ipv6 },
    payload: emitIpv6({ ...hosts, nextHeader: nextHeaders.icmpv6, hopLimit: 60, payload }),
  });
};
const error = (type: number, quoted = asked.subarray(14)): Uint8Array =>
  message(type, Uint8Array.from([0, 0, 0, 0, ...quoted]), hop);

test("the request ends after so many hops, and goes from the identity to the router", () => {
  expect(must(parseIpv6(asked.subarray(14)))).toMatchObject({ source: ip, destination: target, hopLimit: 3 });
  expect([...asked.subarray(0, 12)]).toEqual([0, 0xaa, 0, 0, 0, 1, 2, 0, 0x5e, 0x10, 0, 1]);
});

test("answers are read, and what is none is not", () => {
  expect(readEchoAnswer(error(3), target, 7)).toEqual({ from: hop, kind: "expired" });
  expect(readEchoAnswer(error(1), target, 7)).toEqual({ from: hop, kind: "unreachable" });
  const reply = message(129, Uint8Array.from([0, 7, 0, 3]), target);
  expect(readEchoAnswer(reply, target, 7)).toEqual({ from: target, kind: "reply" });

  expect(readEchoAnswer(error(2), target, 7)).toBeUndefined();
  expect(readEchoAnswer(error(3), target, 8)).toBeUndefined();
  expect(readEchoAnswer(error(3), hop, 7)).toBeUndefined();
  expect(readEchoAnswer(reply, target, 8)).toBeUndefined();
  expect(readEchoAnswer(message(129, Uint8Array.from([0, 7, 0, 3]), hop), target, 7)).toBeUndefined();
  expect(readEchoAnswer(asked, target, 7)).toBeUndefined();
});

test("any bytes are read without an error", () => {
  for (const frame of [error(3), error(1)])
    for (let length = 0; length < frame.length; length++)
      expect(readEchoAnswer(frame.subarray(0, length), target, 7)).toBeUndefined();
  expect(readEchoAnswer(error(3, asked.subarray(14, 40)), target, 7)).toBeUndefined();
});
