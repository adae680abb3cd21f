import { expect, test } from "vitest";
import { admitted, camera, deviceAt, leaseAt, printer, serving } from "../../../test/support/devices.ts";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { formatCidr4 } from "../../base/cidr4.ts";
import { type Cidr6, formatCidr6 } from "../../base/cidr6.ts";
import { millis, seconds, wallTime } from "../../base/time.ts";
import { type ConfigInput, configSchema } from "../../config/schema.ts";
import type { Resource } from "../../plan/resource.ts";
import { ip, ip6, mac, net6 } from "../../plan/sample.fixture.ts";
import { blank, type Device } from "../devices/device.ts";
import { Registry } from "../devices/registry.ts";
import type { Pass } from "../reconcile/reconciler.ts";
import { nothingHeard } from "../uplink6/network.ts";
import { Xlat } from "./xlat.ts";

const nat64 = net6("2001:db8:64::/96");
const tunnel: Resource = { kind: "tunnel", ifname: "xlat464", mtu: 1480, group: "7171", up: true };

function bench(given: ConfigInput["xlat464"] = {}) {
  const clock = new FakeClock();
  const log = new MemoryLog();
  const registry = new Registry();
  const did: string[] = [];
  const asked: string[] = [];
  const dhcp4: string[] = [];
  const world: {
    pref64: readonly Cidr6[];
    ipv4: boolean;
    uncertain: boolean;
    open: boolean;
    missing?: string;
    trouble?: string;
    inbound?: string | undefined;
  } = { pref64: [nat64], ipv4: false, uncertain: false, open: false };
  const xlat = new Xlat({
    config: configSchema.parse({ xlat464: given }),
    clock,
    log,
    registry,
    names: {
      aaaa: async (_name, servers) => {
        asked.push(servers.join());
        return { kind: "none" };
      },
    },
    translator: {
      name: "fake",
      missing: async () => world.missing,
      run: async ({ nat64: to, clients: from }, mtu) =>
        void did.push(
          ["run", to && formatCidr6(to), from && formatCidr4(from), `mtu ${mtu}`].filter(Boolean).join(" "),
        ),
      stop: async () => void did.push("stop"),
      leave: async () => void did.push("leave"),
    },
    network6: () => ({ ...nothingHeard, pref64: world.pref64 }),
    isUncertain: () => world.uncertain,
    ipv4Offered: () => world.ipv4,
    isOpen6: () => world.open,
    opensAny: () => world.open,
    onMissing: (sentence) => {
      world.inbound = sentence;
    },
    verify4: (device) => dhcp4.push(`verify ${device}`),
    retry4: (device) => dhcp4.push(`retry ${device}`),
    request: () => did.push("pass"),
    onTrouble: (sentence) => {
      if (sentence === undefined) delete world.trouble;
      else world.trouble = sentence;
    },
  });
  const after = async (ms: number): Promise<string[]> => {
    xlat.look();
    await clock.advance(millis(ms));
    await settle();
    return did.splice(0);
  };
  const passed = (there: boolean): string[] => {
    const desired = new Map(there ? [["tunnel xlat464", tunnel]] : []);
    xlat.passed({ desired, failures: [], observed: {} as never, took: seconds(0) } satisfies Pass);
    return did.splice(0);
  };
  const marks = (): string[] => registry.all().map((d) => (d.nat64 ? formatCidr6(d.nat64) : "-"));
  return { asked, dhcp4, clock, log, registry, world, xlat, after, passed, marks };
}

const ipv6: Partial<Device> = {
  ...admitted(),
  lanIp: ip("192.168.1.2"),
  ipv6: {
    ...blank.ipv6,
    addresses: [{ ip: ip6("2001:db8:1::7"), origin: "slaac", state: "usable" }],
    installed: true,
  },
};

test("begins where the network has had IPv6, a NAT64 and no IPv4 for a while; the translator runs once its interface is there", async () => {
  const { clock, registry, xlat, after, passed, marks } = bench();
  registry.put(deviceAt(clock, ipv6));
  expect([await after(3_900), xlat.plan, marks()]).toEqual([[], undefined, ["-"]]);
  expect([await after(100), xlat.plan, marks()]).toEqual([["pass"], { nat64 }, ["2001:db8:64::/96"]]);
  expect(passed(false)).toEqual([]);
  expect(passed(true)).toEqual(["run 2001:db8:64::/96 mtu 1480"]);
  await xlat.stop();
});

test("a device that gets IPv4 is let go at once; when the network has it, the translator ends before its interface", async () => {
  const { clock, registry, world, xlat, after, passed, marks } = bench();
  registry.put(deviceAt(clock, ipv6));
  registry.put(deviceAt(clock, { ...ipv6, mac: printer, lanIp: ip("192.168.1.3") }));
  await after(4_000);
  passed(true);
  registry.put({ ...(registry.get(camera) as Device), ...serving(leaseAt(clock.now())) });
  world.ipv4 = true;
  expect(marks()).toEqual(["-", "2001:db8:64::/96"]);
  expect(await after(3_900)).toEqual([]);
  expect(await after(100)).toEqual(["stop", "pass"]);
  expect([xlat.plan, marks()]).toEqual([undefined, ["-", "-"]]);
});

test("a NAT64 that is gone ends it at once, another takes its place at once; IPv4 that is late does not begin it", async () => {
  const { clock, registry, world, after, passed, marks } = bench();
  registry.put(deviceAt(clock, ipv6));
  await after(2_000);
  world.ipv4 = true;
  expect(await after(2_000)).toEqual([]);
  world.ipv4 = false;
  expect(await after(4_000)).toEqual(["pass"]);
  world.pref64 = [net6("64:ff9b::/96"), nat64];
  expect([await after(0), marks()]).toEqual([["pass"], ["64:ff9b::/96"]]);
  expect(passed(true)).toEqual(["run 64:ff9b::/96 mtu 1480"]);
  world.pref64 = [];
  expect(await after(0)).toEqual(["stop", "pass"]);
});

test("off, excluded, without IPv6: nothing is translated", async () => {
  const off = bench({ mode: "off" });
  off.registry.put(deviceAt(off.clock, ipv6));
  expect(await off.after(60_000)).toEqual([]);
  const some = bench({ exclude: ["00:11:22:*"] });
  some.registry.put(deviceAt(some.clock, ipv6));
  some.registry.put(
    deviceAt(some.clock, { ...ipv6, mac: mac("00:aa:22:33:44:51"), lanIp: ip("192.168.1.3") }),
  );
  await some.after(4_000);
  expect(some.marks()).toEqual(["-", "2001:db8:64::/96"]);
  const none = bench();
  none.registry.put(deviceAt(none.clock, admitted()));
  expect(await none.after(60_000)).toEqual([]);
});

const rests = { tag: "resting", until: wallTime(0) } as const;
const leased = (clock: FakeClock): Device => deviceAt(clock, { ...ipv6, ...serving(leaseAt(clock.now())) });

test("a device that rests from IPv4 as the network prefers is translated at once, whatever others have", async () => {
  const { clock, registry, world, xlat, after, marks, dhcp4 } = bench();
  world.ipv4 = true;
  registry.put(leased(clock));
  registry.put({ ...leased(clock), mac: printer });
  expect([await after(0), xlat.isAvailableTo(camera), dhcp4]).toEqual([
    [],
    true,
    [`verify ${camera}`, `verify ${printer}`],
  ]);
  registry.put(deviceAt(clock, { ...ipv6, ...admitted(rests) }));
  expect([await after(0), marks()]).toEqual([["pass"], ["2001:db8:64::/96", "-"]]);
  registry.put(leased(clock));
  expect(await after(0)).toEqual(["stop", "pass"]);
  await xlat.stop();
});

test("the option is not asked for where IPv4 could not be translated", async () => {
  const without = async (
    given: ConfigInput["xlat464"],
    change: (b: ReturnType<typeof bench>) => void = () => {},
  ) => {
    const b = bench(given);
    change(b);
    b.registry.put(leased(b.clock));
    await b.after(0);
    return [b.xlat.isAvailableTo(camera), b.dhcp4.length];
  };
  expect(await without({})).toEqual([true, 1]);
  expect(await without({ mode: "off" })).toEqual([false, 0]);
  expect(await without({ exclude: [camera] })).toEqual([false, 0]);
  expect(
    await without({}, ({ world }) => {
      world.pref64 = [];
    }),
  ).toEqual([false, 0]);
  expect(
    await without({}, ({ world }) => {
      world.missing = "no tayga";
    }),
  ).toEqual([false, 0]);
});

test("a device that rests where the NAT64 goes asks for IPv4 again", async () => {
  const { clock, registry, world, after, dhcp4 } = bench();
  registry.put(deviceAt(clock, { ...ipv6, ...admitted(rests) }));
  expect(await after(0)).toEqual(["pass"]);
  world.pref64 = [];
  expect(await after(0)).toEqual(["stop", "pass"]);
  await after(10_000);
  expect(dhcp4).toEqual([`retry ${camera}`]);
});

test("the wait counts from when the network had no IPv4, not from when its NAT64 was found", async () => {
  const { clock, registry, world, after } = bench();
  world.pref64 = [];
  registry.put(deviceAt(clock, ipv6));
  expect(await after(3_000)).toEqual([]);
  world.pref64 = [nat64];
  expect(await after(900)).toEqual([]);
  expect(await after(100)).toEqual(["pass"]);
});

test("time before the devices have asked in a network does not count", async () => {
  const { clock, registry, world, after } = bench();
  world.uncertain = true;
  registry.put(deviceAt(clock, ipv6));
  expect(await after(60_000)).toEqual([]);
  world.uncertain = false;
  expect(await after(3_900)).toEqual([]);
  expect(await after(100)).toEqual(["pass"]);
});

test("without IPv6 before, name servers are asked sooner: none of them is of another network", async () => {
  for (const [had, secs] of [
    [true, 4],
    [false, 2],
  ] as const) {
    const { asked, clock, registry, world, xlat, after } = bench();
    world.pref64 = [];
    world.ipv4 = true;
    if (had) registry.put(deviceAt(clock, ipv6));
    world.uncertain = true;
    await after(2_000);
    registry.put(deviceAt(clock, ipv6));
    xlat.resolvers(["2001:db8::53"]);
    world.uncertain = false;
    world.ipv4 = false;
    await after(secs * 1000 - 1);
    expect(asked).toEqual([]);
    await after(1);
    expect(asked).toEqual(["2001:db8::53"]);
    await xlat.stop();
  }
});

test("no name server is asked while the devices' addresses may be of another network", async () => {
  const { asked, clock, registry, world, xlat, after } = bench();
  world.pref64 = [];
  world.uncertain = true;
  registry.put(deviceAt(clock, ipv6));
  xlat.resolvers(["2001:db8::53", "192.0.2.53"]);
  await after(10_000);
  expect(asked).toEqual([]);
  world.uncertain = false;
  await after(4_000);
  expect(asked).toEqual(["2001:db8::53"]);
});

test("says that the program is missing, which prefix is doubtful, and what the well-known one cannot do", async () => {
  const { clock, registry, world, after, log } = bench({ prefix: "64:ff9b::/96" });
  registry.put(deviceAt(clock, ipv6));
  world.missing = "the program tayga is not installed";
  expect(await after(4_000)).toEqual([]);
  expect(world.trouble).toBe(
    "The network has no IPv4, and the devices' IPv4 cannot be translated: the program tayga is not installed.",
  );
  delete world.missing;
  expect(await after(4_000)).toEqual(["pass"]);
  await after(0);
  expect(world.trouble).toContain(
    "xlat464.prefix is 64:ff9b::/96, but the network's routers advertise NAT64",
  );
  expect(log.take().join("\n")).toContain("carries no private IPv4 addresses");
});

test("what an earlier run had going goes on, and ends where nothing confirms it", async () => {
  const { clock, registry, world, xlat, after, passed, marks } = bench();
  world.pref64 = [];
  const element: Resource = { kind: "element", set: "nat64", key: "2001:db8:64::/96" };
  xlat.adopt([tunnel, element]);
  registry.put(deviceAt(clock, { ...admitted(), lanIp: ip("192.168.1.2") }));
  expect([xlat.plan, marks(), passed(true)]).toEqual([
    { nat64 },
    ["2001:db8:64::/96"],
    ["run 2001:db8:64::/96 mtu 1480"],
  ]);
  expect(await after(29_999)).toEqual([]);
  await after(1);
  expect(await after(0)).toEqual(["stop", "pass"]);
});

test("IPv4 that is there after a restart ends it, once servers have had time for their offers", async () => {
  const { clock, registry, world, xlat, after, marks } = bench();
  xlat.adopt([tunnel, { kind: "element", set: "nat64", key: "2001:db8:64::/96" }]);
  registry.put(deviceAt(clock, { ...admitted(), lanIp: ip("192.168.1.2") }));
  world.ipv4 = true;
  expect(await after(11_900)).toEqual([]);
  expect(await after(100)).toEqual(["stop", "pass"]);
  expect(marks()).toEqual(["-"]);
});

test("for IPv6 clients of an open device it runs where the network has IPv4 too, and no longer than there is one", async () => {
  const { clock, registry, world, xlat, after, passed } = bench();
  world.ipv4 = true;
  world.open = true;
  expect(await after(4_000)).toEqual([]);
  registry.put(deviceAt(clock, ipv6));
  world.missing = "the program tayga is not installed";
  expect(await after(0)).toEqual([]);
  expect(world.inbound).toBe(
    "IPv6 clients do not reach open devices but by listed ports: the program tayga is not installed.",
  );
  delete world.missing;
  expect(await after(0)).toEqual(["pass"]);
  expect([world.inbound, xlat.plan]).toEqual([
    undefined,
    { clients: { address: ip("198.19.0.0"), length: 16 } },
  ]);
  expect(passed(true)).toEqual(["run 198.19.0.0/16 mtu 1480"]);
  world.open = false;
  expect(await after(0)).toEqual(["stop", "pass"]);
  expect(xlat.plan).toBeUndefined();
});

test("464XLAT comes to it and goes again without an end between", async () => {
  const { clock, registry, world, after, passed } = bench();
  registry.put(deviceAt(clock, ipv6));
  world.open = true;
  expect(await after(4_000)).toEqual(["pass", "pass"]);
  expect(passed(true)).toEqual(["run 2001:db8:64::/96 198.19.0.0/16 mtu 1480"]);
  world.pref64 = [];
  expect(await after(0)).toEqual(["pass"]);
  expect(passed(true)).toEqual(["run 198.19.0.0/16 mtu 1480"]);
});

test("an earlier run's clients go on over a restart until the devices are known again", async () => {
  const { clock, world, xlat, after, passed } = bench();
  world.pref64 = [];
  xlat.adopt([tunnel, { kind: "element", set: "open6", key: "2001:db8:1::7 . ::/0" }]);
  expect(await after(0)).toEqual([]);
  expect(passed(true)).toEqual(["run 198.19.0.0/16 mtu 1480"]);
  await clock.advance(seconds(30));
  expect(await after(0)).toEqual(["stop", "pass"]);
});
