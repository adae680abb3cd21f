import { expect, test } from "vitest";
import { clientFrame } from "../../../test/support/dhcp-server.ts";
import { FakeKernel } from "../../../test/support/fake-kernel.ts";
import { FakeLinks } from "../../../test/support/fake-links.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { must } from "../../base/parsed.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import { emitArpAnnouncement, parseArpFrame } from "../../wire/arp.ts";
import { Discovery } from "./discovery.ts";
import type { Sighting } from "./lan-frames.ts";

const camera = mac("00:11:22:33:44:51");
const address = ip("192.168.1.50");
const own = { mac: mac("02:00:00:00:00:f1"), ip: ip("192.168.1.1") };

async function started() {
  const links = new FakeLinks();
  const kernel = new FakeKernel();
  const log = new MemoryLog();
  const seen: Sighting[] = [];
  const discovery = new Discovery({
    links,
    kernel,
    log,
    lanPort: "eth1",
    onSighting: (sighting) => seen.push(sighting),
  });
  await discovery.start();
  return { discovery, links, kernel, log, seen };
}

test("frames on the LAN are sightings, on the WAN they are not; after stop nothing is", async () => {
  const { discovery, links, seen } = await started();
  links.deliver("eth1", emitArpAnnouncement(camera, address));
  links.deliver("eth1", clientFrame(camera, { messageType: "discover" }));
  links.deliver("eth0", emitArpAnnouncement(camera, address));
  expect(seen.map((s) => s.how)).toEqual(["arp", "dhcp"]);
  await discovery.stop();
  links.deliver("eth1", emitArpAnnouncement(camera, address));
  expect(seen.length).toBe(2);
});

test("the neighbour table tells of devices from memory; entries without a device and our own are passed over", async () => {
  const { discovery, kernel, seen } = await started();
  kernel.foreign(`neighbour replace ${address} lladdr ${camera} dev eth1 nud reachable`);
  kernel.foreign("neighbour replace 192.168.1.51 lladdr 00:11:22:33:44:52 dev eth1 nud stale");
  kernel.foreign("neighbour replace 192.168.1.52 lladdr 00:11:22:33:44:53 dev eth1 nud permanent");
  kernel.foreign("neighbour replace 192.0.2.1 lladdr 00:aa:00:00:00:01 dev eth0 nud reachable");
  kernel.ip.neighbours.push({ ip: "192.168.1.53", dev: "eth1", mac: "00:11:22:33:44:54", state: "FAILED" });
  await discovery.poll();
  expect(seen).toEqual([
    { mac: camera, ip: address, alive: false, how: "neighbour" },
    { mac: "00:11:22:33:44:52", ip: "192.168.1.51", alive: false, how: "neighbour" },
  ]);
});

test("an event tells of a device that was heard just now when it became reachable", async () => {
  const { discovery, seen } = await started();
  const event = { kind: "neighbour", ip: address, mac: camera, ifname: "eth1" } as const;
  discovery.kernelEvent({ ...event, state: "REACHABLE" });
  discovery.kernelEvent({ ...event, state: "STALE" });
  discovery.kernelEvent({ ...event, state: "FAILED", mac: undefined });
  discovery.kernelEvent({ ...event, state: "REACHABLE", ifname: "eth0" });
  discovery.kernelEvent({ ...event, state: "REACHABLE", ip: "fe80::1" });
  discovery.kernelEvent({ kind: "resync" });
  expect(seen.map((s) => s.alive)).toEqual([true, false]);
});

test("a table that cannot be read is said, and nothing else happens", async () => {
  const { discovery, kernel, log, seen } = await started();
  kernel.failNext(/neighbour show dev/, "Dump terminated");
  await discovery.poll();
  expect(seen).toEqual([]);
  expect(log.take()).toEqual(["warn the neighbour table cannot be read: Dump terminated"]);
});

test("a device is asked after in the gateway's name, it alone", async () => {
  const { discovery, links } = await started();
  discovery.askAfter(own, camera, address);
  const [question] = links.sent;
  const { arp, destination } = must(parseArpFrame(question?.frame ?? new Uint8Array()));
  expect([question?.ifname, destination]).toEqual(["eth1", camera]);
  expect(arp).toMatchObject({
    operation: "request",
    senderMac: own.mac,
    senderIp: own.ip,
    targetIp: address,
  });
  links.down = "Network is down";
  expect(() => discovery.askAfter(own, camera, address)).not.toThrow();
});
