import { expect, test } from "vitest";
import { parseMac } from "../base/mac.ts";
import { must } from "../base/parsed.ts";
import { wallTime } from "../base/time.ts";
import { defaultConfig } from "../config/schema.ts";
import { blankDevice } from "../config/state-device.ts";
import { renderStateFile } from "../config/state-file.ts";
import type { Observed, PortFacts } from "../plan/observe.ts";
import { type DirectFacts, directDevices, directProblems } from "./direct-view.ts";

const good: PortFacts = { mac: undefined, mtu: 1500, up: true, carrier: true };
const mac = must(parseMac("02:00:5e:10:00:01"));
const written = wallTime(Date.UTC(2026, 0, 31));

const seen = (ports: Readonly<Record<string, PortFacts>>): Observed => ({
  resources: [{ kind: "ruleset", revision: "1" }],
  ports: new Map(Object.entries(ports)),
  foreignAddresses: new Set(),
  addresses6: new Map(),
  saved: new Map(),
});

const facts = (over: Partial<DirectFacts> = {}): DirectFacts => ({
  config: defaultConfig(),
  configFile: "gateway.toml",
  version: "1",
  stateFile: "devices.json",
  stateText: renderStateFile({
    writtenAt: written,
    network: null,
    devices: new Map([[mac, { ...blankDevice(mac), status: "active" }]]),
  }),
  refusedText: undefined,
  observed: seen({ eth0: good, eth1: good }),
  daemon: { pid: 1, since: null },
  proxies: [],
  troubles: [],
  ...over,
});

test.each<[string, Partial<DirectFacts>, readonly RegExp[]]>([
  ["all is well", {}, []],
  [
    "the cable is out",
    { observed: seen({ eth0: { ...good, carrier: false }, eth1: good }) },
    [/^eth0 has no carrier: no device reaches the network/],
  ],
  [
    "the port is gone",
    { observed: seen({ eth1: good }) },
    [/^There is no interface eth0: no device reaches the network/],
  ],
  [
    "the LAN port is down",
    { observed: seen({ eth0: good, eth1: { ...good, up: false } }) },
    [/^eth1 is down: no device reaches the gateway/],
  ],
  ["the daemon finds more", { troubles: ["Nobody speaks."] }, [/^Nobody speaks\.$/]],
  [
    "no daemon runs: only that counts",
    { daemon: undefined, observed: seen({}), troubles: ["Old."] },
    [/^No daemon runs/],
  ],
  [
    "the kernel cannot be read",
    { observed: "The kernel cannot be read: EPERM.", troubles: ["Nobody speaks."] },
    [/^The kernel cannot/, /^Nobody/],
  ],
])("%s", (_what, over, expected) => {
  const problems = directProblems(facts(over));
  expect(problems).toHaveLength(expected.length);
  for (const [i, pattern] of expected.entries()) expect(problems[i]).toMatch(pattern);
});

test("a missing interface is told of each device, unless the port itself is missing", () => {
  const notes = (over: Partial<DirectFacts>) => directDevices(facts(over)).map((row) => row.notes);
  expect(notes({})).toEqual([["The kernel has no interface gw02005e100001."]]);
  expect(notes({ observed: seen({ eth1: good }) })).toEqual([[]]);
});
