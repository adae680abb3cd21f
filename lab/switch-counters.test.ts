import { expect, test } from "vitest";
import { packetsOf, parseCounters, totalPackets } from "./switch-counters.ts";
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
