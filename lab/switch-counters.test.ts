import { expect, test } from "vitest";
import { packetsOf, parseBindings6, parseCounters, totalPackets } from "./switch-counters.ts";
import { renderBinding } from "./switch-rules.ts";

const a = "00:00:5e:00:53:01";
const b = "00:00:5e:00:53:02";
const counted = (val: unknown, packets: number) => ({
  elem: { val, counter: { packets, bytes: packets * 100 } },
});

test("counts are read by MAC, source guard's also by address", () => {
  const sets = [
    { name: "seen", elem: [counted(a, 5), counted(b, 2)] },
    { name: "unregistered", elem: [counted(b, 2)] },
    {
      name: "guarded",
      elem: [counted({ concat: [a, "192.0.2.1"] }, 1), counted({ concat: [a, "192.0.2.2"] }, 3)],
    },
    { name: "seen_arp" },
  ];
  const json = JSON.stringify({ nftables: [{ metainfo: {} }, ...sets.map((set) => ({ set }))] });
  const counters = parseCounters(json);
  expect(packetsOf(counters.seen, a)).toBe(5);
  expect(totalPackets(counters.seen)).toBe(7);
  expect(packetsOf(counters.unregistered, a)).toBe(0);
  expect(counters.guarded.get(a)).toEqual({ packets: 4, bytes: 400 });
  expect(counters.guardedSources).toHaveLength(2);
  expect([counters.arp.size, counters.dhcp.size]).toEqual([0, 0]);
});

test("a binding is the raw MAC and address", () => {
  expect(renderBinding(a, "198.51.100.7")).toBe("0x00005e005301 . 0xc6336407");
});

test("IPv6 pairs come as text or as raw payload, a number or hexadecimal", () => {
  const sets = [
    { name: "seen_dad", elem: [counted(a, 2)] },
    { name: "pairs6", elem: [counted({ concat: [a, "fe80::1"] }, 3)] },
    { name: "guarded6", elem: [counted({ concat: [0x5e005301, "0x20010db8000000000000000000000077"] }, 4)] },
    { name: "ever_guarded", elem: [counted({ concat: [b, "192.0.2.1"] }, 1)] },
    { name: "ever_guarded6", elem: [counted({ concat: ["0x00005e005301", 1] }, 1)] },
    { name: "bindings6", elem: [{ concat: [0x5e005302, "0xfe800000000000000000000000000001"] }] },
  ];
  const json = JSON.stringify({ nftables: sets.map((set) => ({ set })) });
  const counters = parseCounters(json);
  expect(packetsOf(counters.ipv6.dad, a)).toBe(2);
  expect(counters.ipv6.rs.size).toBe(0);
  expect(counters.pairs6).toEqual([{ mac: a, ip: "fe80::1", packets: 3, bytes: 300 }]);
  expect(counters.guardedSources).toMatchObject([{ mac: a, ip: "2001:db8::77", packets: 4 }]);
  expect(packetsOf(counters.guarded, a)).toBe(4);
  expect(counters.everGuarded.map(({ mac, ip }) => `${mac} ${ip}`)).toEqual([`${b} 192.0.2.1`, `${a} ::1`]);
  expect(parseBindings6(json)).toEqual([{ mac: b, ip: "fe80::1" }]);
});

test("an IPv6 binding is raw payload too", () => {
  expect(renderBinding(a, "2001:db8::7")).toBe("0x00005e005301 . 0x20010db8000000000000000000000007");
});
