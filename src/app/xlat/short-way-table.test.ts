import { expect, test } from "vitest";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { identityName, sourceTable, translatorName } from "../../plan/marks.ts";
import { byKey, type Resource } from "../../plan/resource.ts";
import { ShortWayTable } from "./short-way-table.ts";

const table = "netdev ipv4_ipv6_gateway_short";
const removal = `add table ${table}\ndelete table ${table}\n`;
const macs = ["00:00:5e:00:53:01" as Mac, "00:00:5e:00:53:02" as Mac] as const;
const names = [identityName(macs[0]), identityName(macs[1])] as const;

const tunnel = (medium?: "veth"): Resource => ({
  kind: "tunnel",
  ifname: translatorName,
  mtu: 1500,
  group: "7171",
  up: true,
  ...(medium ? { medium } : {}),
});

/** What the plan wants of a translated device. */
function device(n: 0 | 1, addresses: readonly string[], router = "fe80::1"): Resource[] {
  const ifname = names[n];
  const from = `fd2c:81a7:464::c0a8:10${n}` as Ip6;
  const ips = addresses as readonly Ip6[];
  return [
    ...ips.map((ip): Resource => ({ kind: "address6", ifname, ip, length: 64, origin: "slaac" })),
    ...[from, ...ips].map(
      (source): Resource => ({
        kind: "route6",
        table: sourceTable,
        destination: { address: "::" as Ip6, length: 0 },
        ifname,
        from: source,
        via: router as Ip6,
      }),
    ),
  ];
}

function scene({ refuses = (_: string): boolean => false } = {}) {
  const scripts: string[] = [];
  const log = new MemoryLog();
  const nft = async (script: string): Promise<void> => {
    if (refuses(script)) throw new Error("Operation not supported");
    scripts.push(script);
  };
  const ways = new ShortWayTable({ kernel: { nft }, log, wanPort: "eth0" });
  const passed = async (resources: readonly Resource[], some?: readonly Mac[]): Promise<string[]> => {
    ways.passed({ desired: byKey(resources), ...(some ? { macs: new Set(some) } : {}) });
    await ways.settled();
    return scripts.splice(0);
  };
  return { scripts, log, passed, ways };
}

test("a whole pass makes all of it: each device's chain tries its addresses, and gives back what is of no known flow", async () => {
  const { passed } = scene();
  const [script = ""] = await passed([tunnel(), ...device(0, ["2001:db8::1", "2001:db8::2"])]);
  const flow = "ip6 saddr . ip6 daddr . udp sport . udp dport @flows";
  expect(script.startsWith(`${removal}table ${table} {\n`)).toBe(true);
  expect(script).toContain(`  chain ${names[0]} {
    ip6 saddr set 2001:db8::1
    ${flow} fwd ip6 to fe80::1 device "${names[0]}"
    ip6 saddr set 2001:db8::2
    ${flow} fwd ip6 to fe80::1 device "${names[0]}"
    ip6 saddr set fd2c:81a7:464::c0a8:100
  }
`);
  expect(script).toContain('type filter hook ingress device "xlat464"');
  expect(script).toContain('type filter hook egress device "eth0"');
  expect(script).toContain("meta mark & 0xffff0000 == 0x71730000");
  expect(script.endsWith(`{ fd2c:81a7:464::c0a8:100 : goto ${names[0]} }\n`)).toBe(true);
});

test("a device that comes, changes or goes costs its own lines and nothing else", async () => {
  const { passed } = scene();
  const first = device(0, ["2001:db8::1"]);
  await passed([tunnel(), ...first]);
  expect(await passed([tunnel(), ...first], [macs[0]])).toEqual([]);
  const [came = ""] = await passed(device(1, ["2001:db8::9"]), [macs[1]]);
  expect(came).toContain(`add chain ${table} ${names[1]}\n`);
  expect(came).not.toContain(names[0]);
  const [moved = ""] = await passed(device(1, ["2001:db8::a"], "fe80::2"), [macs[1]]);
  expect(moved).toMatch(/^delete element .* identities \{ fd2c:81a7:464::c0a8:101 }\nflush chain /);
  expect(moved).toContain("ip6 saddr set 2001:db8::a\n");
  expect(moved).toContain("fwd ip6 to fe80::2");
  const [gone = ""] = await passed([], [macs[1]]);
  expect(gone).toBe(
    `delete element ${table} identities { fd2c:81a7:464::c0a8:101 }\nflush chain ${table} ${names[1]}\ndelete chain ${table} ${names[1]}\n`,
  );
  expect(await passed([], [macs[1]])).toEqual([]);
});

test("a deprecated address is no source, and a device without any has no short way", async () => {
  const { passed } = scene();
  const retired = device(0, ["2001:db8::1"]).map((r) =>
    r.kind === "address6" ? { ...r, deprecated: true } : r,
  ) as Resource[];
  const [script] = await passed([tunnel(), ...retired]);
  expect(script).not.toContain(names[0]);
});

test("what was written down is forgotten when the link is lost; nothing is asked while there is no table", async () => {
  const { passed, ways, scripts } = scene();
  ways.linkLost();
  await ways.settled();
  expect(scripts).toEqual([]);
  await passed([tunnel()]);
  ways.linkLost();
  await ways.settled();
  expect(scripts).toEqual([`flush set ${table} flows\n`]);
});

test("it goes with the translator's interface, once, and is not made on a cable to a namespace", async () => {
  const { passed } = scene();
  expect(await passed([])).toEqual([removal]);
  expect(await passed([tunnel("veth"), ...device(0, ["2001:db8::1"])])).toEqual([]);
  expect(await passed([tunnel()])).toHaveLength(1);
  expect(await passed([])).toEqual([removal]);
  expect(await passed(device(0, ["2001:db8::1"]), [macs[0]])).toEqual([]);
});

test("where the kernel cannot, it is told once, and what cannot be kept right is taken away", async () => {
  const { passed, log } = scene({ refuses: (script) => script.includes("fwd") });
  expect(await passed([tunnel()])).toHaveLength(1);
  expect(await passed(device(0, ["2001:db8::1"]), [macs[0]])).toEqual([removal]);
  await passed([tunnel(), ...device(0, ["2001:db8::1"])]);
  expect(log.take()).toHaveLength(1);
});
