import { expect, test } from "vitest";
import { runBpf } from "../../wire/bpf.fixture.ts";
import { changesOfOthers, rulesetsOfOthers } from "./filters.ts";
import { messagesIn } from "./message.ts";
import { ifaddr, ifinfo, netlinkMessage, rtmsg, zeroEnded } from "./netlink.fixture.ts";
import { rulesetChange } from "./rulesets.ts";

const [ours, alsoOurs, theirs] = [4711, 70_000, 4712];
const isHeard = (message: Uint8Array): boolean => runBpf(changesOfOthers([ours, alsoOurs]), message) > 0;
const route = (type: number, protocol: number, asker: number): Uint8Array =>
  netlinkMessage(type, rtmsg({ family: 2, protocol }), [], 0, asker);

test.each([
  ["a route of the kernel's", route(24, 2, 0), false],
  ["one that went", route(25, 2, 0), false],
  ["a route that we made", route(24, 71, ours), false],
  ["one that our other program took away", route(25, 71, alsoOurs), false],
  ["a route of ours that somebody else took away", route(25, 71, theirs), true],
  ["a route of another", route(24, 3, theirs), true],
  ["a rule that we made", netlinkMessage(32, rtmsg({ family: 2, protocol: 71 }), [], 0, ours), false],
  [
    "a rule that somebody took away",
    netlinkMessage(33, rtmsg({ family: 2, protocol: 71 }), [], 0, theirs),
    true,
  ],
  ["a neighbour that we made", netlinkMessage(28, rtmsg({ family: 2, protocol: 0 }), [], 0, ours), false],
  ["a neighbour that answered", netlinkMessage(28, rtmsg({ family: 2, protocol: 2 }), [], 0, 0), true],
  ["an address that we made", netlinkMessage(20, ifaddr(2, 24, 7), [], 0, ours), true],
  ["a link that we made", netlinkMessage(16, ifinfo(7, 1), [], 0, ours), true],
])("%s is heard: %s", (_, message, heard) => {
  expect(isHeard(message)).toBe(heard);
});

test("without programs of ours all routes but the kernel's are heard", () => {
  const filter = changesOfOthers([]);
  expect(runBpf(filter, route(24, 71, ours))).toBeGreaterThan(0);
  expect(runBpf(filter, route(24, 2, 0))).toBe(0);
});

const subsystem = 10 << 8;
const inTable = (type: number, family: number, table: string, asker = theirs): Uint8Array =>
  netlinkMessage(subsystem | type, Uint8Array.from([family, 0, 0, 0]), [[1, zeroEnded(table)]], 0, asker);

test("of nftables what our socket changed is not heard", () => {
  expect(runBpf(rulesetsOfOthers(ours), inTable(12, 1, "gw", ours))).toBe(0);
  expect(runBpf(rulesetsOfOthers(ours), inTable(12, 1, "gw", theirs))).toBeGreaterThan(0);
  expect(runBpf(rulesetsOfOthers(2 ** 32 - 4097), inTable(12, 1, "gw", 2 ** 32 - 4097))).toBe(0);
});

test.each([
  ["a table that went", inTable(2, 1, "gw"), { family: "inet", table: "gw", gone: true }],
  ["a chain", inTable(3, 1, "gw"), { family: "inet", table: "gw", gone: false }],
  ["an element that went", inTable(14, 5, "gw"), { family: "netdev", table: "gw", gone: true }],
  ["a set of another family", inTable(9, 10, "gw"), { family: "ip6", table: "gw", gone: false }],
  ["the end of a transaction", inTable(15, 0, ""), undefined],
  ["a family that is none", inTable(3, 99, "gw"), undefined],
  ["cut short", netlinkMessage(subsystem | 3, new Uint8Array(0), []), undefined],
  ["without a name", netlinkMessage(subsystem | 3, Uint8Array.from([1, 0, 0, 0]), []), undefined],
  [
    "of another subsystem",
    netlinkMessage((1 << 8) | 3, Uint8Array.from([1, 0, 0, 0]), [[1, zeroEnded("gw")]]),
    undefined,
  ],
])("a change of nftables: %s", (_, bytes, change) => {
  const [message] = messagesIn(bytes);
  expect(message && rulesetChange(message)).toEqual(change);
});
