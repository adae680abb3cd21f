import { expect, test } from "vitest";
import { net6 } from "../../plan/sample.fixture.ts";
import { doubtOf } from "./nat64.ts";

const [ours, theirs] = [net6("2001:db8:64::/96"), net6("64:ff9b::/96")];

test.each([
  ["nothing is configured", "", [theirs], [theirs], undefined],
  ["nobody tells of another", "2001:db8:64::/96", [], [], undefined],
  ["routers tell of it", "2001:db8:64::/96", [theirs, ours], [], undefined],
  ["routers tell of it, however it is written", "2001:0DB8:64::/96", [ours], [theirs], undefined],
  ["name servers tell of it", "2001:db8:64::/96", [], [ours], undefined],
  [
    "routers tell of another",
    "2001:db8:64::/96",
    [theirs],
    [ours],
    "xlat464.prefix is 2001:db8:64::/96, but the network's routers advertise NAT64 64:ff9b::/96: IPv4 through a wrong prefix gets nowhere.",
  ],
  [
    "name servers tell of another",
    "2001:db8:64::/96",
    [],
    [theirs],
    "xlat464.prefix is 2001:db8:64::/96, but the network's name servers tell of NAT64 64:ff9b::/96: IPv4 through a wrong prefix gets nowhere.",
  ],
] as const)("a configured prefix where %s", (_, configured, advertised, found, doubt) => {
  expect(doubtOf(configured, advertised, found)).toBe(doubt);
});
