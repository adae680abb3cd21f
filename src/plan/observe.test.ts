import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { diff } from "./diff.ts";
import { observeCommands, parseObserved, type RawObservation } from "./observe.ts";
import { observeCommands6 } from "./observe6.ts";
import { gateway, sample6 } from "./sample.fixture.ts";
import { planPortSysctls } from "./sysctls.ts";

/**
 * Printed by iproute2 6.1 and nft 1.0.6 after the sample's own text was fed to them, beside things that are not ours; hardware
 * figures left out. Each line is the name of an observation and its output.
 */
const raw = (): RawObservation =>
  Object.fromEntries(
    readFileSync(new URL("./fixtures/observed.jsonl", import.meta.url), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ) as RawObservation;
const settings = planPortSysctls(gateway);

test("what the tools print of the sample is the sample", () => {
  const { resources } = parseObserved(raw());
  expect(diff(sample6(), [...resources, ...settings])).toEqual([]);
});

test("ports, others' addresses and the settings that were kept", () => {
  const { ports, foreignAddresses, saved } = parseObserved(raw());
  expect([...ports.keys()]).toEqual(["lo", "eth0", "eth1p", "eth1", "other0"]);
  expect(ports.get("eth0")).toEqual({ mac: "02:00:00:00:00:f0", mtu: 1500, up: true, carrier: true });
  expect(ports.get("eth1")).toEqual({ mac: "02:00:00:00:00:f1", mtu: 1500, up: true, carrier: false });
  expect([...foreignAddresses]).toEqual([
    "lo 127.0.0.1/8",
    "eth1 10.9.9.1/24",
    "lo ::1/128",
    "eth1 2001:db8:f::1/64",
  ]);
  expect([...saved].sort()).toEqual([
    ["net/ipv4/conf/eth0/arp_announce", "0"],
    ["net/ipv4/conf/eth0/arp_ignore", "0"],
    ["net/ipv4/conf/eth1/forwarding", "0"],
    ["net/ipv4/ip_forward", "0"],
    ["net/ipv6/conf/eth0/disable_ipv6", "0"],
  ]);
});

test("a sweep takes all that is ours and nothing else", () => {
  const doomed = diff(new Map(), parseObserved(raw()).resources).map(({ resource }) => resource);
  const counts: Record<string, number> = {};
  for (const { kind } of doomed) counts[kind] = (counts[kind] ?? 0) + 1;
  // What lies on the two interfaces goes with them.
  expect(counts).toEqual({ rule: 10, rule6: 3, element: 8, address: 1, identity: 2, ruleset: 1 });
  expect(JSON.stringify(doomed)).not.toMatch(/10\.9\.9|other0|2001:db8:[ef]:/);
});

test.each(["nft", "nft6"] as const)(
  "a rule taken out of our table %s by hand shows as another revision",
  (name) => {
    const all = raw();
    const { nftables } = all[name] as { nftables: object[] };
    const lastRule = nftables.findLastIndex((item) => "rule" in item);
    const maimed = { nftables: nftables.filter((_, n) => n !== lastRule) };
    for (const seen of [maimed, undefined]) {
      const actions = diff(sample6(), [...parseObserved({ ...all, [name]: seen }).resources, ...settings]);
      expect(actions.filter((a) => a.resource.kind !== "element").map((a) => a.resource.kind)).toEqual([
        "ruleset",
      ]);
    }
  },
);

test("without the tables nothing of them is there", () => {
  const { resources, saved } = parseObserved({ ...raw(), nft: undefined, nft6: undefined });
  expect(resources.some((r) => r.kind === "ruleset" || r.kind === "element")).toBe(false);
  expect(saved.size).toBe(0);
});

test("an interface with an identity's name that is no macvlan is not ours", () => {
  const links = [{ ifname: "gw001122334451", flags: ["UP"], mtu: 1500, linkinfo: { info_kind: "veth" } }];
  const { resources, ports } = parseObserved({ ...raw(), links });
  expect(resources.some((r) => r.kind === "identity")).toBe(false);
  expect(ports.has("gw001122334451")).toBe(true);
});

test.each([undefined, null, 7, "text", [null, 3], [{}], {}])("nonsense %o is passed over", (nonsense) => {
  const names = [...Object.keys(observeCommands), ...Object.keys(observeCommands6), "nft", "nft6"];
  const all = Object.fromEntries(names.map((name) => [name, nonsense])) as RawObservation;
  const { resources, saved } = parseObserved(all);
  expect(resources.filter((r) => r.kind !== "port")).toEqual([]);
  expect(saved.size).toBe(0);
});

test("addresses with the networks that may reach them are read as they are written", () => {
  const elem = [
    { concat: ["2001:db8::5", { prefix: { addr: "::", len: 0 } }] },
    { concat: ["2001:db8::5", "2001:db8:3::1"] },
  ];
  const set = { family: "inet", name: "open6", table: "ipv4_ipv6_gateway", elem };
  const { resources } = parseObserved({ nft: { nftables: [{ set }] } } as unknown as RawObservation);
  expect(resources).toEqual([
    { kind: "element", set: "open6", key: "2001:db8::5 . ::/0" },
    { kind: "element", set: "open6", key: "2001:db8::5 . 2001:db8:3::1" },
  ]);
});
