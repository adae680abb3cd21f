import { expect, test } from "vitest";
import { interfaceCounters, parseCounters } from "./counters.ts";

test("the kernel's table, headers left out", () => {
  const table = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "gw02005e100001:     100       2    0    0    0     0          0         0      300       4    0    0    0     0       0          0",
    "  eth0:9007199254740 1 0 0 0 0 0 0 5 6 0 0 0 0 0 0",
    "",
  ].join("\n");
  expect([...parseCounters(table)]).toEqual([
    ["gw02005e100001", { receivedBytes: 100, receivedPackets: 2, sentBytes: 300, sentPackets: 4 }],
    ["eth0", { receivedBytes: 9007199254740, receivedPackets: 1, sentBytes: 5, sentPackets: 6 }],
  ]);
});

test("this machine's loopback interface sent what it received", async () => {
  const lo = (await interfaceCounters()).get("lo");
  expect(lo?.sentBytes).toBe(lo?.receivedBytes);
});
