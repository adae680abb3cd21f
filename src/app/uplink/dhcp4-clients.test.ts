import { expect, test } from "vitest";
import { DhcpServer, serverMac } from "../../../test/support/dhcp-server.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { switchSafePacer } from "../../../test/support/pacers.ts";
import { broadcastMac, macFromBytes, zeroMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { seededRng } from "../../base/rng.ts";
import { millis, minutes, seconds } from "../../base/time.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import { ip, mac } from "../../plan/sample.fixture.ts";
import { parseArpFrame } from "../../wire/arp.ts";
import { parseDhcp4Frame } from "../../wire/dhcp4/frame.ts";
import { Dhcp4Clients } from "./dhcp4-clients.ts";
import type { FrameKind, Pacer } from "./pacer.ts";

const camera = mac("00:11:22:33:44:51");
const printer = mac("00:11:22:33:44:52");
const first = ip("192.0.2.10");
const second = ip("192.0.2.11");

class Scene {
  readonly clock = new FakeClock();
  readonly server = new DhcpServer(new Map([[camera, first]]));
  readonly told: string[] = [];
  readonly arps: string[] = [];
  readonly frames: Uint8Array[] = [];
  fingerprint: Fingerprint = {};
  pacer: Pacer | undefined;
  readonly clients: Dhcp4Clients = new Dhcp4Clients({
    clock: this.clock,
    rng: seededRng(5),
    v6Only: () => false,
    settings: { timeout: seconds(15), retries: 2, retryDelay: seconds(5), failedRetry: seconds(60) },
    send: (kind, frame, queueing) =>
      this.pacer ? this.pacer.send(kind, () => this.#send(kind, frame), queueing) : this.#send(kind, frame),
    answered: (exchange) => this.pacer?.answered(exchange),
    fingerprint: () => this.fingerprint,
    refuse: (asker, address) => {
      const holder = this.clients.holder(address);
      return holder && holder !== asker ? `held by ${holder}` : undefined;
    },
    onConfigure: (asker, lease) => this.told.push(`configure ${asker} ${lease.address}`),
    onDeconfigure: (asker, address) => this.told.push(`deconfigure ${asker} ${address}`),
    onEvent: (asker, event) => this.told.push(`${event.kind} ${asker}`),
  });

  #send(kind: FrameKind, frame: Uint8Array): void {
    this.frames.push(frame);
    if (kind === "arp") {
      const { arp } = must(parseArpFrame(frame));
      this.arps.push(`${arp.senderMac} ${arp.senderIp} ? ${arp.targetIp}`);
    }
    const answer = kind === "dhcp" ? this.server.answer(frame) : undefined;
    if (answer) this.clock.after(millis(2), () => this.clients.dhcpFrame(must(parseDhcp4Frame(answer))));
  }
}

test("from DISCOVER to a probed and announced address", () => {
  const { clients, clock, server, told, arps, frames } = new Scene();
  clients.begin(camera);
  clients.begin(camera);
  clock.pass(seconds(5));
  expect(server.heard).toEqual([`DISCOVER ${camera}`, `REQUEST ${camera} ${first}`]);
  expect(arps).toEqual([
    `${camera} 0.0.0.0 ? ${first}`,
    `${camera} 0.0.0.0 ? ${first}`,
    `${camera} ${first} ? ${first}`,
    `${camera} ${first} ? ${first}`,
  ]);
  expect(told).toEqual([`requesting ${camera}`, `configure ${camera} ${first}`, `obtained ${camera}`]);
  const discover = must(parseDhcp4Frame(frames[0] ?? new Uint8Array()));
  expect([discover.sourceMac, discover.destinationMac]).toEqual([camera, broadcastMac]);
  expect([discover.sourceIp, discover.destinationIp]).toEqual(["0.0.0.0", "255.255.255.255"]);
});

test("renewal goes unicast to the server, RELEASE as well, and then the device is forgotten", () => {
  const { clients, clock, server, told, frames } = new Scene();
  clients.begin(camera);
  clock.pass(minutes(31));
  expect(server.heard.slice(2)).toEqual([`REQUEST again ${camera} ${first}`]);
  const renewal = must(parseDhcp4Frame(frames.at(-1) ?? new Uint8Array()));
  expect([renewal.sourceMac, renewal.destinationMac]).toEqual([camera, serverMac]);
  expect([renewal.sourceIp, renewal.destinationIp]).toEqual([first, "192.0.2.1"]);
  expect(clients.holder(first)).toBe(camera);
  clients.forget(camera);
  expect(server.heard.at(-1)).toBe(`RELEASE ${camera} ${first}`);
  expect(told.slice(-2)).toEqual([`deconfigure ${camera} ${first}`, `released ${camera}`]);
  expect([clients.has(camera), clients.holder(first), clock.pending]).toEqual([false, undefined, 0]);
});

test("a crowd that is never answered costs no other its lease, and no newcomer its time", () => {
  const scene = new Scene();
  const { clients, clock, server, told } = scene;
  scene.pacer = switchSafePacer(clock);
  server.options = { leaseTime: 40 };
  clients.begin(camera);
  clock.pass(seconds(5));
  for (let n = 0; n < 300; n++) clients.begin(macFromBytes(Uint8Array.of(0, 0xcc, 0, 0, n >> 8, n & 255)));
  clock.pass(minutes(20));
  expect(told).not.toContain(`lost ${camera}`);
  expect(told.filter((t) => t === `renewed ${camera}`).length).toBeGreaterThan(50);
  server.addresses.set(printer, second);
  clients.begin(printer);
  clock.pass(seconds(3));
  expect(told).toContain(`configure ${printer} ${second}`);
});

test("the fingerprint is the device's own, as known at the moment of sending", () => {
  const scene = new Scene();
  scene.server.addresses.clear();
  scene.clients.begin(camera);
  scene.fingerprint = { hostName: "cam", vendorClass: Uint8Array.of(1, 2) };
  scene.clock.pass(seconds(6));
  const options = scene.frames.map((frame) => must(parseDhcp4Frame(frame)).message.options);
  expect(options.map((o) => o.hostName)).toEqual([undefined, "cam"]);
});

test("a server's answer to one device's request is no other's; a client's message is nobody's", () => {
  const { clients, clock, told, frames } = new Scene();
  clients.begin(camera);
  clients.begin(printer);
  clock.pass(seconds(3));
  expect(told.filter((t) => t.startsWith("configure"))).toEqual([`configure ${camera} ${first}`]);
  const before = told.length;
  clients.dhcpFrame(must(parseDhcp4Frame(frames[0] ?? new Uint8Array())));
  expect(told.length).toBe(before);
});

test("an address in use by a stranger is declined, and free for the next one who is given it", () => {
  const { clients, clock, server, told } = new Scene();
  clients.begin(camera);
  clock.pass(millis(50));
  expect(clients.holder(first)).toBe(camera);
  const stranger = mac("00:bb:00:00:00:01");
  const heard = { operation: "reply", targetIp: first, targetMac: zeroMac } as const;
  clients.arp({ ...heard, senderIp: first, senderMac: stranger });
  expect(told.at(-1)).toBe(`attempt-failed ${camera}`);
  expect(server.heard.at(-1)).toBe(`DECLINE ${camera} ${first}`);
  expect(clients.holder(first)).toBeUndefined();
  server.addresses.set(printer, first).delete(camera);
  clients.begin(printer);
  clock.pass(seconds(2));
  expect(clients.holder(first)).toBe(printer);
});

test("an address that another of ours holds is not taken", () => {
  const { clients, clock, server, told } = new Scene();
  server.addresses.set(printer, first);
  clients.begin(camera);
  clock.pass(seconds(3));
  clients.begin(printer);
  clock.pass(seconds(3));
  expect(told.filter((t) => t.startsWith("configure"))).toEqual([`configure ${camera} ${first}`]);
  expect(server.heard.slice(2)).toEqual([`DISCOVER ${printer}`]);
  expect(told.at(-1)).toBe(`ignored ${printer}`);
  expect(clients.holder(first)).toBe(camera);
});

test("a link that changed: each lease is verified, and a NAK gives another address", () => {
  const { clients, clock, server, told } = new Scene();
  clients.begin(camera);
  clock.pass(seconds(5));
  server.addresses.set(camera, second);
  clients.linkChanged(camera);
  clock.pass(seconds(5));
  expect(server.heard.slice(2)).toEqual([
    `REQUEST again ${camera} ${first}`,
    `DISCOVER ${camera}`,
    `REQUEST ${camera} ${second}`,
  ]);
  expect(told.filter((t) => /^(de)?configure/.test(t)).slice(1)).toEqual([
    `deconfigure ${camera} ${first}`,
    `configure ${camera} ${second}`,
  ]);
  expect([clients.holder(first), clients.holder(second)]).toEqual([undefined, camera]);
});

test("five hundred devices on one clock all get their own", () => {
  const { clients, clock, server, told } = new Scene();
  const all = Array.from({ length: 500 }, (_, n) => macFromBytes(Uint8Array.of(0, 1, 2, 3, n >> 8, n & 255)));
  for (const [n, device] of all.entries()) server.addresses.set(device, ip(`198.18.${n >> 8}.${n & 255}`));
  for (const device of all) clients.begin(device);
  clock.pass(seconds(3));
  expect(told.filter((t) => t.startsWith("configure")).length).toBe(500);
  expect(clock.pending).toBe(1);
  clients.stop();
  expect(clock.pending).toBe(0);
});
