import fc from "fast-check";
import { expect, it } from "vitest";
import { HaproxyModel } from "../../../test/support/haproxy-model.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { HaproxyKnown } from "../../plan/haproxy-known.ts";
import { parseTables, tablesQuestions } from "../../plan/haproxy-observed.ts";
import type { HaproxyTables } from "../../plan/haproxy-tables.ts";
import { serversStill } from "./haproxy-answers.ts";
import { syncPart } from "./haproxy-sync-part.ts";

const names = ["device_1", "device_2", "device_3"];
const ips = ["2001:db8::1", "2001:db8::2", "2001:db8::3"] as Ip6[];

/** What one server is to be; each address belongs to one at most. */
interface Step {
  readonly name: string;
  readonly present: boolean;
  readonly address: Ip4;
  readonly check: number;
  readonly ips: readonly Ip6[];
  readonly ports: readonly number[];
  /** Connections that it has at this moment. */
  readonly sessions: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(...names),
  present: fc.boolean(),
  address: fc.constantFrom("192.168.1.1", "192.168.1.2") as fc.Arbitrary<Ip4>,
  check: fc.constantFrom(80, 23),
  ips: fc.uniqueArray(fc.constantFrom(...ips), { maxLength: 2 }),
  ports: fc.uniqueArray(fc.constantFrom(8080, 2323)),
  sessions: fc.nat({ max: 1 }),
});

const observe = (model: HaproxyModel) => parseTables(tablesQuestions.map((question) => model.line(question)));

/** The wish of all after a step; whoever asks for an address last has it. */
function wish(all: Map<string, Step>, next: Step): readonly string[] {
  const touched = new Set([next.name]);
  if (next.present)
    for (const [name, other] of all)
      if (name !== next.name && other.ips.some((ip) => next.ips.includes(ip))) {
        all.set(name, { ...other, ips: other.ips.filter((ip) => !next.ips.includes(ip)) });
        touched.add(name);
      }
  if (next.present) all.set(next.name, next);
  else all.delete(next.name);
  return [...touched];
}

function tablesOf(all: Map<string, Step>, only: readonly string[]): HaproxyTables {
  const chosen = [...all.values()].filter(({ name }) => only.includes(name));
  return {
    servers: new Map(chosen.map(({ name, address, check }) => [name, { address, check }])),
    devices: new Map(chosen.flatMap(({ name, ips: own }) => own.map((ip) => [ip, name] as const))),
    ports: new Map(chosen.flatMap(({ name, ports }) => ports.map((port) => [`${name}:${port}`, 1] as const))),
  };
}

it("ends with what is wanted after any changes, knows what is there, and leads no address astray on the way", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const model = new HaproxyModel();
      const known = new HaproxyKnown(observe(model), model.pid);
      const all = new Map<string, Step>();
      const devices = model.maps.get("haproxy-devices.map") ?? new Map();
      for (const next of steps) {
        const before = new Map(tablesOf(all, names).devices);
        const touched = wish(all, next);
        const desired = tablesOf(all, touched);
        const server = model.servers.get(next.name);
        if (server) server.sessions = next.sessions;
        model.check = () => {
          for (const [ip, name] of devices) {
            expect(model.servers.has(name)).toBe(true);
            expect([before.get(ip as Ip6), desired.devices.get(ip as Ip6)]).toContain(name);
          }
        };
        const ask = async (line: string) => model.line(line);
        let outcome = await syncPart(ask, known, touched, desired, false);
        model.check = () => {};
        expect(known.part(names, ips).servers.size).toBe(observe(model).servers.size);
        if (outcome === "busy") {
          model.endSessions();
          outcome = await syncPart(ask, known, touched, desired, false);
        }
        expect(outcome).toBe("done");
        const { servers, devices: led, ports } = observe(model);
        const wanted = tablesOf(all, names);
        expect([...servers.keys()].toSorted()).toEqual([...wanted.servers.keys()].toSorted());
        expect(led).toEqual(wanted.devices);
        expect(ports).toEqual(new Map([...wanted.ports].map(([key, port]) => [key, String(port)])));
        expect(known.part(names, ips)).toEqual({ servers, devices: led, ports });
        for (const [name, { address, check, ready, checked }] of servers)
          expect({ address, check, ready, checked }).toEqual({
            ...wanted.servers.get(name),
            ready: true,
            checked: true,
          });
      }
    }),
  );
});

it("doubts whatever is answered otherwise than by success", () => {
  const add = ["add server devices/a 1", "enable health devices/a"];
  expect(serversStill(add, "New server registered.\n\n\n")).toEqual([]);
  expect(serversStill(add, "\n\n")).toBeUndefined();
  expect(
    serversStill(add, "Already exists a server with the same name in backend.\n\nNo such server.\n"),
  ).toBeUndefined();
  const del = ["del server devices/a", "del server devices/b"];
  const busy = "Server still has connections attached to it, cannot remove it.";
  expect(serversStill(del, `Server deleted.\n${busy}\n`)).toEqual(["b"]);
  expect(serversStill(del, `${busy}\n${busy}\n`)).toEqual(["a", "b"]);
  expect(serversStill(del, "Server deleted.\nNo such server.\n")).toBeUndefined();
  expect(serversStill(["add map m k v"], "unable to parse\n")).toBeUndefined();
});
