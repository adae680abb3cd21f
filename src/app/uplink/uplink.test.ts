import { expect, test } from "vitest";
import { clientFrame } from "../../../test/support/dhcp-server.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { FakeLinks } from "../../../test/support/fake-links.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { switchSafePacer, unlimitedPacer } from "../../../test/support/pacers.ts";
import { macFromBytes } from "../../base/mac.ts";
import { seededRng } from "../../base/rng.ts";
import { minutes, seconds } from "../../base/time.ts";
import { ip, mac, router } from "../../plan/sample.fixture.ts";
import { emitArpAnnouncement, emitArpReply } from "../../wire/arp.ts";
import { Uplink } from "./uplink.ts";
import { WanSightings } from "./wan-sightings.ts";

const camera = mac("00:11:22:33:44:51");
const neighbour = mac("00:aa:00:00:00:01");

async function started(makePacer = unlimitedPacer) {
  const clock = new FakeClock();
  const links = new FakeLinks();
  const log = new MemoryLog();
  const heard: number[] = [];
  const uplink = new Uplink({
    clock,
    log,
    links,
    rng: seededRng(1),
    wanPort: "eth0",
    pacer: makePacer(clock),
    settings: { timeout: seconds(15), retries: 3, retryDelay: seconds(5), failedRetry: seconds(60) },
    v6Only: () => false,
    onAnswer: () => {},
    onSent: () => {},
    fingerprint: () => ({}),
    refuse: () => undefined,
    onConfigure: () => {},
    onDeconfigure: () => {},
    onEvent: () => {},
    asker: () => ({ mac: camera, ip: ip("192.0.2.10") }),
    onIpv6: (frame) => log.info(`IPv6 frame of ${frame.length} bytes`),
    onHeard: () => heard.push(clock.now()),
    onRouter: (address, now) => log.info(`${address} is at ${now}`),
  });
  await uplink.start();
  return { uplink, clock, links, log, heard };
}

test("whoever speaks on the WAN is remembered for ten minutes, our own identities excepted", async () => {
  const { uplink, clock, links } = await started();
  uplink.clients.begin(camera);
  links.deliver("eth0", emitArpAnnouncement(neighbour, router));
  links.deliver("eth0", emitArpAnnouncement(camera, ip("192.0.2.10")));
  expect([uplink.seesOnWan(neighbour), uplink.seesOnWan(camera)]).toEqual([true, false]);
  clock.pass(minutes(10));
  expect(uplink.seesOnWan(neighbour)).toBe(false);
});

test("a router's answer reaches the watch; frames for other ports and nonsense reach nobody", async () => {
  const { uplink, links, log, heard } = await started();
  uplink.routers.want(router);
  const reply = { senderMac: neighbour, senderIp: router, targetMac: camera, targetIp: ip("192.0.2.10") };
  expect(links.deliver("eth0", emitArpReply(reply))).toBe(1);
  expect(log.take()).toEqual([`info 192.0.2.1 is at ${neighbour}`]);
  expect(links.deliver("eth0", clientFrame(neighbour, { messageType: "discover" }))).toBe(0);
  const short = emitArpReply(reply).subarray(0, 30);
  expect(() => links.deliver("eth0", short)).not.toThrow();
  expect(heard).toHaveLength(2);
});

test("a port that cannot send is said once, and again after it could", async () => {
  const { uplink, links, log, clock } = await started();
  links.down = "Network is down";
  uplink.clients.begin(camera);
  clock.pass(seconds(20));
  expect(log.take()).toEqual(["warn cannot send on the WAN port: Network is down"]);
  links.down = undefined;
  clock.pass(seconds(60));
  links.down = "Network is down";
  clock.pass(seconds(60));
  expect(log.take()).toEqual(["warn cannot send on the WAN port: Network is down"]);
});

test("after stop nothing that waited is sent, nothing is received, and no timer is left", async () => {
  const { uplink, links, clock } = await started(switchSafePacer);
  uplink.routers.want(router);
  for (let n = 0; n < 20; n++) uplink.clients.begin(macFromBytes(Uint8Array.of(0, 1, 2, 3, 4, n)));
  expect(links.sent.length).toBe(1 + 4);
  await uplink.stop();
  expect(clock.pending).toBe(0);
  const sent = links.sent.length;
  clock.pass(minutes(10));
  expect(links.sent.length).toBe(sent);
  expect(links.deliver("eth0", emitArpAnnouncement(neighbour, router))).toBe(0);
});

test("more MACs than any segment has: the oldest go", () => {
  const clock = new FakeClock();
  const sightings = new WanSightings();
  const nth = (n: number) => macFromBytes(Uint8Array.of(0, 0, 0, n >> 16, (n >> 8) & 255, n & 255));
  for (let n = 0; n < 20_000; n++) sightings.note(nth(n), clock.now());
  expect([sightings.has(nth(0), clock.now()), sightings.has(nth(19_999), clock.now())]).toEqual([
    false,
    true,
  ]);
});

test("a device's MAC that is heard on the WAN side is told once", async () => {
  const { uplink, links, log } = await started();
  uplink.clients.begin(camera);
  log.take();
  for (let n = 0; n < 3; n++) links.deliver("eth0", emitArpAnnouncement(camera, ip("192.0.2.10")));
  expect(log.take()).toEqual([
    `warn The MAC of device ${camera} also speaks on the WAN side: another gateway, or LAN and WAN joined`,
  ]);
});
