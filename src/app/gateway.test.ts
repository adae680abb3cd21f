import { expect, test } from "vitest";
import { camera, printer } from "../../test/support/devices.ts";
import { clientFrame, serverMac } from "../../test/support/dhcp-server.ts";
import { benchConfig, GatewayBench } from "../../test/support/gateway-bench.ts";
import { macFromBytes } from "../base/mac.ts";
import { millis, minutes, seconds } from "../base/time.ts";
import { ip, mac, router } from "../plan/sample.fixture.ts";
import { emitArpAnnouncement, parseArpFrame } from "../wire/arp.ts";
import { parseDhcp4Frame } from "../wire/dhcp4/frame.ts";
import { reasonOf, statusOf } from "./devices/status.ts";
import { cleanup } from "./reconcile/cleanup.ts";

const nas = mac("00:11:22:33:44:53");
const [lan10, lan11, lan12] = [ip("192.168.1.10"), ip("192.168.1.11"), ip("192.168.1.12")];
const [wan10, wan11, wan12] = [ip("192.0.2.10"), ip("192.0.2.11"), ip("192.0.2.12")];
const noAnswer = "no answer to DHCP: is this MAC registered?";

const shown = ({ gateway, clock, config }: GatewayBench): string[] =>
  gateway.registry.all().map((d) => {
    const reason = reasonOf(d);
    return `${d.mac} ${statusOf(d, clock.now(), config.discovery.offline_after)}${reason ? `: ${reason}` : ""}`;
  });

/** Two devices by DHCP, one with a fixed address; the firewall knows the first and the last. */
async function threeDevices(bench = new GatewayBench()): Promise<GatewayBench> {
  bench.server.addresses.set(camera, wan10).set(nas, wan12);
  await bench.start();
  bench.comes(camera, lan10, "cam");
  bench.comes(printer, lan11);
  bench.speaks(nas, lan12);
  await bench.clock.advance(seconds(3));
  return bench;
}

test("three devices appear; two are answered, one is not", async () => {
  const bench = await threeDevices();
  expect(shown(bench)).toEqual([`${camera} active`, `${printer} discovering`, `${nas} active`]);
  await bench.clock.advance(seconds(20));
  expect(shown(bench)).toEqual([`${camera} active`, `${printer} failed: ${noAnswer}`, `${nas} active`]);
  const { kernel } = bench;
  expect([...kernel.ip.links.keys()].slice(2).toSorted()).toEqual([
    "gw001122334451",
    "gw001122334452",
    "gw001122334453",
  ]);
  expect(kernel.tables.elements("inet ipv4_ipv6_gateway", "snat4").toSorted()).toEqual([lan10, lan12]);
  expect(kernel.ip.neighbours.map((n) => `${n.dev} ${n.ip} ${n.mac}`).toSorted()).toEqual([
    `gw001122334451 ${router} ${serverMac}`,
    `gw001122334453 ${router} ${serverMac}`,
  ]);
  expect(bench.stored()).toEqual([
    `${camera} ${wan10} active`,
    `${printer} null failed`,
    `${nas} ${wan12} active`,
  ]);
  expect(bench.files.texts.get("/run/ipv4-ipv6-gateway/resolv.conf")).toBe("nameserver 192.0.2.53\n");
});

test("a MAC that is registered later comes up by itself", async () => {
  const bench = await threeDevices();
  await bench.clock.advance(minutes(5));
  bench.server.addresses.set(printer, wan11);
  await bench.clock.advance(minutes(11));
  expect(shown(bench)).toContain(`${printer} active`);
});

test("the flow of one device, as written down", async () => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, wan10);
  await bench.start();
  bench.log.take();
  bench.comes(camera, lan10, "cam");
  await bench.clock.advance(seconds(3));
  expect(bench.log.take()).toEqual([
    `info New device discovered: ${camera}`,
    `info DHCPv4 requested for ${camera} (attempt 1/2)`,
    `info Device ${camera} has LAN address ${lan10}`,
    `info Router ${router} is at ${serverMac}`,
    `info DHCPv4 obtained for ${camera}: ${wan10}`,
    `info Device ${camera} configured: WAN IPv4 ${wan10} on gw001122334451`,
    "info WAN offers IPv4 by DHCP, IPv6 not known yet",
  ]);
});

test("before its interface is up a device asks by DHCP and checks its address, and no more; DHCP carries its fingerprint", async () => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, wan10);
  const early: string[] = [];
  const names = new Set<string | undefined>();
  bench.onWanFrame = (frame) => {
    const parsed = parseDhcp4Frame(frame);
    if (parsed.ok) names.add(parsed.value.message.options.hostName);
    const arp = parseArpFrame(frame);
    const what = parsed.ok ? parsed.value.message.options.messageType : arp.ok && arp.value.arp.senderIp;
    if (!bench.kernel.ip.links.get("gw001122334451")?.up) early.push(String(what));
  };
  await bench.start();
  bench.comes(camera, lan10, "cam");
  await bench.clock.advance(seconds(3));
  expect(early).toEqual(["discover", "request", "0.0.0.0"]);
  expect(bench.links.listening).toEqual(new Set());
  expect(names).toEqual(new Set(["cam"]));
});

test("the router that is not the DHCP server is asked for once, for all identities", async () => {
  const bench = new GatewayBench();
  bench.server.options = { routers: [ip("192.0.2.254")] };
  bench.onWan.set(ip("192.0.2.254"), mac("00:aa:00:00:00:fe"));
  let questions = 0;
  bench.onWanFrame = (frame) => {
    if (frame[12] === 8 && frame[13] === 6 && frame[41] === 254) questions++;
  };
  await threeDevices(bench);
  expect(questions).toBe(1);
  expect(bench.kernel.ip.neighbours.map((n) => `${n.dev} ${n.mac}`).sort()).toEqual([
    "gw001122334451 00:aa:00:00:00:fe",
    "gw001122334453 00:aa:00:00:00:fe",
  ]);
});

test("whoever speaks on the WAN is not impersonated, nor the gateway itself", async () => {
  const bench = new GatewayBench();
  await bench.start();
  bench.links.deliver("eth0", emitArpAnnouncement(camera, ip("192.0.2.77")));
  bench.speaks(camera, lan10);
  bench.speaks(mac("02:00:00:00:00:f0"), lan11);
  await bench.clock.advance(seconds(3));
  expect(shown(bench)).toEqual([
    expect.stringContaining("speaking on the WAN side"),
    expect.stringContaining("the gateway's own"),
  ]);
  expect(bench.kernel.ip.links.size).toBe(2);
  expect(bench.server.heard).toEqual([]);
});

test("a device with another LAN address: its routes, rule and translation move with it", async () => {
  const bench = await threeDevices();
  bench.speaks(camera, ip("192.168.1.77"));
  await bench.clock.advance(millis(20));
  const tables = bench.kernel.ip.routes.filter((r) => r.dev === "gw001122334451").map((r) => r.table);
  // The table of the gateway's own traffic may be here too.
  expect(new Set(tables.filter((table) => table !== "999999"))).toEqual(new Set(["1000077"]));
  expect(bench.kernel.tables.elements("inet ipv4_ipv6_gateway", "snat4")).toContain("192.168.1.77");
  expect(bench.kernel.ip.rules.some((r) => r.from === `${lan10}/32` && r.action.startsWith("lookup"))).toBe(
    false,
  );
});

test("a device that is gone is asked after, inactive, then forgotten with RELEASE; old neighbour entries do not bring it back", async () => {
  const bench = await threeDevices();
  bench.present.delete(lan10);
  bench.kernel.foreign(`neighbour replace ${lan10} lladdr ${camera} dev eth1 nud stale`);
  await bench.clock.advance(minutes(10));
  expect(shown(bench)[0]).toBe(`${camera} inactive`);
  await bench.clock.advance(minutes(55));
  expect(shown(bench).map((line) => line.slice(0, 17))).toEqual([printer, nas]);
  expect(bench.server.heard).toContain(`RELEASE ${camera} ${wan10}`);
  expect(bench.kernel.ip.links.has("gw001122334451")).toBe(false);
  expect(bench.stored().length).toBe(2);
  bench.comes(camera, lan10);
  await bench.clock.advance(seconds(3));
  expect(shown(bench)).toContain(`${camera} active`);
});

const released = (bench: GatewayBench): string[] => bench.server.heard.filter((h) => h.startsWith("RELEASE"));

test("a lease is given back once the kernel has nothing of it any more, under the client identifier that took it", async () => {
  const bench = await threeDevices();
  const seen: unknown[] = [];
  const clientIds: unknown[] = [];
  bench.onWanFrame = (frame) => {
    const parsed = parseDhcp4Frame(frame);
    if (!parsed.ok || parsed.value.message.chaddr !== camera) return;
    const { messageType, clientId } = parsed.value.message.options;
    clientIds.push(clientId);
    if (messageType === "release") seen.push(bench.kernel.ip.links.has("gw001122334451"));
  };
  const clientId = new Uint8Array([0, 99, 97, 109]);
  bench.links.deliver("eth1", clientFrame(camera, { messageType: "discover", clientId }));
  bench.gateway.inspection.retry(camera);
  await bench.clock.advance(seconds(1));
  bench.gateway.inspection.forget(camera);
  expect(seen).toEqual([]);
  await bench.clock.advance(seconds(1));
  expect(seen).toEqual([false]);
  expect(clientIds).toEqual([clientId, clientId]);
});

test("a device that is back before its identity has gone gives its lease back first", async () => {
  const bench = await threeDevices();
  bench.server.heard.length = 0;
  bench.gateway.inspection.forget(camera);
  bench.comes(camera, lan10);
  await bench.clock.advance(seconds(3));
  expect(bench.server.heard.slice(0, 2)).toEqual([`RELEASE ${camera} ${wan10}`, `DISCOVER ${camera}`]);
  expect(shown(bench)).toContain(`${camera} active`);
});

test("a gateway that stops gives back what a forgotten device still has", async () => {
  const bench = await threeDevices();
  bench.gateway.inspection.forget(camera);
  const stopped = bench.gateway.stop();
  await bench.clock.advance(millis(0));
  await stopped;
  expect(released(bench)).toEqual([`RELEASE ${camera} ${wan10}`]);
});

test("what others delete is back within about a second", async () => {
  const bench = await threeDevices();
  const before = bench.kernel.dump();
  bench.kernel.foreign("link delete dev gw001122334451");
  bench.kernel.foreign("rule delete pref 10001 not iif eth1 goto 32701 protocol 71");
  await bench.clock.advance(seconds(1.1));
  expect(bench.kernel.dump()).toEqual(before);
});

test("after the WAN cable was out every lease is verified, once the link has settled", async () => {
  const bench = await threeDevices();
  bench.server.heard.length = 0;
  const wan = { kind: "link", ifname: "eth0", up: true, gone: false, mtu: 1500, group: "7171" } as const;
  const tell = (carrier: boolean): void => {
    const link = bench.kernel.ip.links.get("eth0");
    if (link) link.carrier = carrier;
    bench.kernel.tell({ ...wan, carrier });
  };
  tell(false);
  await bench.clock.advance(seconds(2));
  tell(true);
  tell(true);
  await bench.clock.advance(seconds(4.9));
  expect(bench.server.heard.filter((h) => h.startsWith("REQUEST"))).toEqual([]);
  await bench.clock.advance(seconds(0.2));
  const verified = bench.server.heard.filter((h) => h.startsWith("REQUEST"));
  expect(verified.sort()).toEqual([`REQUEST again ${camera} ${wan10}`, `REQUEST again ${nas} ${wan12}`]);
});

test("the switch-safe profile stays under 15 frames a second for forty devices at once, and serves them all", async () => {
  const bench = new GatewayBench(
    benchConfig(({ pacing }) => ({ pacing: { ...pacing, profile: "switch-safe" } })),
  );
  const times = { arp: [] as number[], dhcp: [] as number[], nd: [] as number[] };
  const kindOf = (frame: Uint8Array): keyof typeof times =>
    frame[13] === 6 ? "arp" : frame[13] === 0xdd && frame[20] === 58 ? "nd" : "dhcp";
  bench.onWanFrame = (frame) => times[kindOf(frame)].push(bench.clock.now());
  await bench.start();
  for (let n = 1; n <= 40; n++) {
    const device = macFromBytes(Uint8Array.of(0, 1, 2, 3, 4, n));
    bench.server.addresses.set(device, ip(`192.0.2.${100 + n}`));
    bench.comes(device, ip(`192.168.1.${100 + n}`));
  }
  await bench.clock.advance(seconds(40));
  expect(shown(bench).filter((line) => line.endsWith("active")).length).toBe(40);
  for (const list of Object.values(times)) {
    const busiest = Math.max(...list.map((t) => list.filter((u) => u >= t && u <= t + 1000).length));
    expect(busiest).toBeLessThanOrEqual(15);
  }
});

test("an interface that is not there is named, and nothing was changed", async () => {
  const bench = new GatewayBench(benchConfig((c) => ({ wan: { ...c.wan, interface: "eth9" } })));
  const before = bench.kernel.dump();
  await expect(bench.gateway.start()).rejects.toThrow('wan.interface = "eth9": there is no such interface');
  expect(bench.kernel.dump()).toEqual(before);
});

test("stopped, the gateway does nothing more; cleanup leaves the kernel as it was", async () => {
  const bench = new GatewayBench();
  const before = bench.kernel.dump();
  await threeDevices(bench);
  await bench.gateway.stop();
  const { done } = bench.kernel;
  const texts = done.length;
  const saves = bench.stateFile.saves;
  await bench.clock.advance(minutes(120));
  expect([done.length, bench.stateFile.saves, bench.processes.running.size]).toEqual([texts, saves, 0]);
  await cleanup(bench.kernel);
  expect(bench.kernel.dump()).toEqual(before);
});

test("who comes beside others costs three passes, and one who goes a single one; the first one's way is the gateway's own", async () => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, wan10).set(printer, wan11);
  await bench.start();
  bench.comes(camera, lan10);
  await bench.clock.advance(seconds(3));
  const ownWay = (): string[] => bench.kernel.ip.routes.filter((r) => r.table === "999999").map((r) => r.dev);
  expect(new Set(ownWay())).toEqual(new Set(["gw001122334451"]));
  let passes = 0;
  bench.gateway.inspection.onPass(() => passes++);
  bench.comes(printer, lan11);
  await bench.clock.advance(seconds(3));
  expect([shown(bench)[1], passes]).toEqual([`${printer} active`, 3]);
  bench.gateway.inspection.forget(printer);
  await bench.clock.advance(seconds(3));
  expect(passes).toBe(4);
  bench.comes(printer, lan11);
  await bench.clock.advance(seconds(3));
  bench.gateway.inspection.forget(camera);
  await bench.clock.advance(seconds(3));
  expect(new Set(ownWay())).toEqual(new Set(["gw001122334452"]));
});

test("a device has its short way once it is active; when it goes, that goes ahead of all else it has", async () => {
  const bench = await threeDevices();
  const { kernel } = bench;
  const short = (set: string): string[] => kernel.tables.elements("netdev ipv4_ipv6_gateway_short", set);
  expect(short("outer4").toSorted()).toEqual([`${lan10} : ${wan10}`, `${lan12} : ${wan12}`]);
  expect(short("routers4").toSorted()).toEqual([`${camera} . ${serverMac}`, `${nas} . ${serverMac}`]);
  kernel.done.length = 0;
  bench.gateway.inspection.forget(camera);
  await bench.clock.advance(seconds(1));
  expect(short("ways4").map((text) => text.split(" : ")[0])).toEqual([lan12]);
  expect(kernel.done[0]).toContain(`delete element netdev ipv4_ipv6_gateway_short ways4 { ${lan10} }`);
  expect(kernel.done.slice(1).join("\n")).toContain("gw001122334451");
});

test("without the short way nothing of it is in the kernel, also not of an earlier run", async () => {
  const bench = await threeDevices();
  const config = benchConfig((c) => ({ wan: { ...c.wan, udp_short_way: false } }));
  await bench.gateway.stop();
  const { done, tables } = bench.kernel;
  expect(tables.tables).toContain("netdev ipv4_ipv6_gateway_short");
  done.length = 0;
  Object.assign(bench.config, config);
  await bench.restart();
  expect(tables.tables).not.toContain("netdev ipv4_ipv6_gateway_short");
  expect(JSON.stringify(tables.print("inet ipv4_ipv6_gateway"))).not.toContain("0x7173");
});
