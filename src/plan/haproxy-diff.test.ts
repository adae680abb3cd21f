import fc from "fast-check";
import { expect, it } from "vitest";
import { HaproxyModel } from "../../test/support/haproxy-model.ts";
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import { commandLines, diffHaproxy } from "./haproxy-diff.ts";
import { parseTables, tablesQuestions } from "./haproxy-observed.ts";
import type { HaproxyTables } from "./haproxy-tables.ts";

const observe = (model: HaproxyModel) => parseTables(tablesQuestions.map((question) => model.line(question)));

/** Rounds of observing and telling, until there is nothing to tell; sessions end between them. */
function converge(model: HaproxyModel, desired: HaproxyTables): number {
  for (let round = 0; round < 10; round++) {
    const lines = commandLines(diffHaproxy(desired, observe(model), false));
    if (lines.length === 0) return round;
    for (const line of lines) model.line(line);
    model.endSessions();
  }
  throw new Error(`never ends: ${diffHaproxy(desired, observe(model), false).join("; ")}`);
}

const name = fc.constantFrom("device_1", "device_2", "device_3", "device_4");
const address = fc.constantFrom("192.168.1.1", "192.168.1.2", "192.168.1.3") as fc.Arbitrary<Ip4>;
const port = fc.constantFrom(80, 23, 5000);
const ip6 = fc.constantFrom("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4") as fc.Arbitrary<Ip6>;
const portKey = fc.tuple(name, port).map(([server, wan]) => `${server}:${wan}`);
const entries = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>): fc.Arbitrary<Map<K, V>> =>
  fc.array(fc.tuple(key, value), { maxLength: 6 }).map((pairs) => new Map(pairs));

/** Addresses only of servers that there are, as `haproxyTables` gives them. */
const tables: fc.Arbitrary<HaproxyTables> = fc
  .record({
    servers: entries(name, fc.record({ address, check: port })),
    devices: entries(ip6, name),
    ports: entries(portKey, port),
  })
  .map((t) => ({ ...t, devices: new Map([...t.devices].filter(([, server]) => t.servers.has(server))) }));

/** Whatever an earlier run, a crash or a person left behind. */
const models: fc.Arbitrary<HaproxyModel> = fc
  .record({
    servers: entries(
      name,
      fc.record({
        address,
        check: port,
        ready: fc.boolean(),
        checked: fc.boolean(),
        sessions: fc.nat({ max: 2 }),
      }),
    ),
    devices: entries(ip6, name),
    ports: entries(portKey, port.map(String)),
  })
  .map(({ servers, devices, ports }) => {
    const model = new HaproxyModel();
    for (const [key, server] of servers) model.servers.set(key, { ...server });
    model.maps.set("haproxy-devices.map", devices).set("haproxy-ports.map", ports);
    return model;
  });

it("reaches what is wanted from any state, within a few rounds", () => {
  fc.assert(
    fc.property(models, tables, (model, desired) => {
      expect(converge(model, desired)).toBeLessThanOrEqual(3);
      const { servers, devices, ports } = observe(model);
      const strip = [...servers].map(([key, s]) => [key, { address: s.address, check: s.check }] as const);
      expect(new Map(strip)).toEqual(desired.servers);
      expect([...servers.values()].every((s) => s.ready && s.checked)).toBe(true);
      expect(devices).toEqual(desired.devices);
      expect(ports).toEqual(new Map([...desired.ports].map(([key, value]) => [key, String(value)])));
    }),
  );
});

it("never leads an address to a server that is not there, nor to another device", () => {
  fc.assert(
    fc.property(tables, tables, (before, desired) => {
      const model = new HaproxyModel();
      const devices = model.maps.get("haproxy-devices.map");
      model.check = () => {
        for (const [ip, server] of devices ?? []) {
          expect(model.servers.has(server)).toBe(true);
          expect([before.devices.get(ip as Ip6), desired.devices.get(ip as Ip6)]).toContain(server);
        }
      };
      converge(model, before);
      converge(model, desired);
    }),
  );
});

it("leaves alone what is as it should be", () => {
  fc.assert(
    fc.property(tables, (desired) => {
      const model = new HaproxyModel();
      converge(model, desired);
      expect(diffHaproxy(desired, observe(model), false)).toEqual([]);
    }),
  );
});

it("adds a device in two rounds: the server first, its address when the server was seen", () => {
  const model = new HaproxyModel();
  const desired: HaproxyTables = {
    servers: new Map([["device_1", { address: "192.168.1.7" as Ip4, check: 80 }]]),
    devices: new Map([["2001:db8::1" as Ip6, "device_1"]]),
    ports: new Map([["device_1:8080", 5000]]),
  };
  const first = diffHaproxy(desired, observe(model), true);
  expect(first).toEqual([
    "add server devices/device_1 192.168.1.7 check port 80 inter 30s fastinter 5s downinter 15s rise 1 fall 2 send-proxy",
    "enable health devices/device_1",
    "set server devices/device_1 state ready",
    "add map haproxy-ports.map device_1:8080 5000",
  ]);
  for (const line of commandLines(first)) model.line(line);
  expect(diffHaproxy(desired, observe(model), true)).toEqual([
    "add map haproxy-devices.map 2001:db8::1 device_1",
  ]);
});

it("takes an address away at once that leads to a server which is not there", () => {
  const model = new HaproxyModel();
  model.maps.get("haproxy-devices.map")?.set("2001:db8::1", "device_1");
  const desired: HaproxyTables = {
    servers: new Map([["device_1", { address: "192.168.1.7" as Ip4, check: 80 }]]),
    devices: new Map([["2001:db8::1" as Ip6, "device_1"]]),
    ports: new Map(),
  };
  expect(diffHaproxy(desired, observe(model), false)[0]).toBe("del map haproxy-devices.map 2001:db8::1");
});

it("joins commands to lines of a limited length, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z ]{1,20}$/)), (commands) => {
      const lines = commandLines(commands, 40);
      expect(lines.join(";")).toBe(commands.join(";"));
      expect(lines.every((line) => line.length <= 40)).toBe(true);
    }),
  );
});
