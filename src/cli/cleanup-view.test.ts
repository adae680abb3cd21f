import { expect, test } from "vitest";
import { checkOutput } from "../../test/support/output.ts";
import { type Removal, renderRemoval, renderRemovalJson } from "./cleanup-view.ts";

const removal: Removal = {
  removed: { identity: 2, ruleset: 1 },
  settingsRestored: ["net/ipv4/ip_forward = 0"],
  children: 1,
  failures: [{ message: "ip link delete: Device or resource busy" }],
};
const nothing: Removal = { removed: {}, settingsRestored: [], children: 0, failures: [] };

test("for people: what was removed, or that there was nothing", () => {
  expect(renderRemoval(removal)).toBe(
    "removed 2 identities\nremoved 1 nftables table\nended 1 child process\nrestored net/ipv4/ip_forward = 0\n",
  );
  expect(renderRemoval(nothing)).toBe("Nothing of the gateway is in the kernel.\n");
});

test("for scripts: every kind has its number, also where it is 0", () => {
  const none = {
    identities: 0,
    translator_interfaces: 0,
    addresses: 0,
    routes: 0,
    rules: 0,
    neighbours: 0,
    nft_tables: 0,
    nft_elements: 0,
  };
  expect(checkOutput("cleanup", renderRemovalJson(removal))).toEqual({
    removed: { ...none, identities: 2, nft_tables: 1 },
    processes_ended: 1,
    settings_restored: ["net/ipv4/ip_forward = 0"],
    failures: ["ip link delete: Device or resource busy"],
  });
  expect(checkOutput("cleanup", renderRemovalJson(nothing))).toEqual({
    removed: none,
    processes_ended: 0,
    settings_restored: [],
    failures: [],
  });
});
