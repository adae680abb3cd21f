import { expect, test } from "vitest";
import { Dhcp6Server, server6Mac } from "../../../test/support/dhcp6-server.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { switchSafePacer } from "../../../test/support/pacers.ts";
import { linkLocalOf } from "../../base/ip6.ts";
import { macFromBytes } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { seededRng } from "../../base/rng.ts";
import { millis, minutes, seconds } from "../../base/time.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { emitDhcp6Frame, parseDhcp6Frame } from "../../wire/dhcp6/frame.ts";
import type { Pacer } from "../uplink/pacer.ts";
import { ip6 } from "./advert.fixture.ts";
import { Dhcp6Clients } from "./dhcp6-clients.ts";

const camera = mac("00:11:22:33:44:51");
const printer = mac("00:11:22:33:44:52");
const first = ip6("2001:db8:1::10");
const second = ip6("2001:db8:1::11");

class Scene {
  readonly clock = new FakeClock();
  readonly server = new Dhcp6Server(new Map([[camera, first]]));
  readonly told: string[] = [];
  readonly frames: Uint8Array[] = [];
  lease: Lease6 | undefined;
  hostName: string | undefined;
  pacer: Pacer | undefined;
  readonly clients: Dhcp6Clients = new Dhcp6Clients({
    clock: this.clock,
    rng: seededRng(5),
    settings: { timeout: seconds(10), retries: 2, retryDelay: seconds(5), failedRetry: seconds(60) },
    send: (kind, frame, queueing) =>
      this.pacer ? this.pacer.send(kind, () => this.#send(frame), queueing) : this.#send(frame),
    answered: (exchange) => this.pacer?.answered(exchange),
    hostName: () => this.hostName,
    refuse: (asker, address) => {
      const holder = this.clients.holder(address);
      return holder && holder !== asker ? `held by ${holder}` : undefined;
    },
    onConfigure: (asker, lease) => {
      this.lease = lease;
      this.told.push(`configure ${asker} ${lease.addresses.map((a) => a.address)}`);
      this.clock.after(seconds(1), () => this.#good(asker));
    },
    onDeconfigure: (asker) => this.told.push(`deconfigure ${asker}`),
    onInformation: (asker, { dnsServers }) => this.told.push(`information ${asker} ${dnsServers}`),
    onEvent: (asker, event) => this.told.push(`${event.kind} ${asker}`),
  });

  /** As the kernel finds. */
  #good(asker: typeof camera): void {
    for (const { address } of this.lease?.addresses ?? [])
      this.clients.input(asker, { kind: "dad", address, duplicate: false });
  }

  #send(frame: Uint8Array): void {
    this.frames.push(frame);
    const answer = this.server.answer(frame);
    if (answer) this.clock.after(millis(2), () => this.clients.dhcpFrame(must(parseDhcp6Frame(answer))));
  }
}

test("from SOLICIT to a lease, in the device's name", () => {
  const { clients, clock, server, told, frames } = new Scene();
  clients.run(camera, "stateful");
  clients.run(camera, "stateful");
  clock.pass(seconds(5));
  expect(server.heard).toEqual([`solicit ${camera}`, `request ${camera}`]);
  expect(told).toEqual([`requesting ${camera}`, `configure ${camera} ${first}`, `obtained ${camera}`]);
  expect([clients.holder(first), clients.leased(camera).length > 0]).toEqual([camera, true]);
  const { message, ...addressing } = must(parseDhcp6Frame(frames[0] ?? new Uint8Array()));
  expect(addressing).toEqual({
    sourceMac: camera,
    destinationMac: "33:33:00:01:00:02",
    source: linkLocalOf(camera),
    destination: "ff02::1:2",
    sourcePort: 546,
    destinationPort: 547,
  });
  expect(message.options.fqdn).toBeUndefined();
});

test("renewal, then RELEASE, and the device is forgotten", () => {
  const { clients, clock, server, told } = new Scene();
  clients.run(camera, "stateful");
  clock.pass(minutes(16));
  expect(server.heard.slice(2)).toEqual([`renew ${camera}`]);
  expect(told.at(-1)).toBe(`renewed ${camera}`);
  clients.forget(camera);
  expect(server.heard.at(-1)).toBe(`release ${camera}`);
  expect(told.slice(-2)).toEqual([`deconfigure ${camera}`, `released ${camera}`]);
  clock.pass(seconds(1));
  expect([clients.has(camera), clients.holder(first), clock.pending]).toEqual([false, undefined, 0]);
});

test("stateless, then stateful, then neither", () => {
  const { clients, clock, server, told } = new Scene();
  server.options = { dnsServers: [ip6("2001:db8::53")] };
  clients.run(camera, "stateless");
  clock.pass(seconds(5));
  expect(told).toContain(`information ${camera} 2001:db8::53`);
  clients.run(camera, "stateful");
  clock.pass(seconds(5));
  expect(clients.holder(first)).toBe(camera);
  clients.run(camera, undefined);
  clock.pass(minutes(60));
  expect(server.heard).toEqual([
    `information-request ${camera}`,
    `solicit ${camera}`,
    `request ${camera}`,
    `release ${camera}`,
  ]);
  expect([clients.holder(first), clients.leased(camera).length > 0]).toEqual([undefined, false]);
  clients.run(printer, undefined);
  expect(clients.has(printer)).toBe(false);
});

test("a stored lease is confirmed, or not, in which case another is asked for", () => {
  const before = new Scene();
  before.clients.run(camera, "stateful");
  before.clock.pass(seconds(5));
  const stored = before.lease as Lease6;
  const { clients, clock, server, told } = new Scene();
  server.addresses.set(camera, second).set(printer, first);
  clients.run(camera, "stateful", stored);
  clients.run(printer, "stateful", stored);
  expect(told[0]).toBe(`configure ${camera} ${first}`);
  clock.pass(seconds(8));
  expect(server.heard.filter((h) => h.endsWith(camera))).toEqual([
    `confirm ${camera}`,
    `solicit ${camera}`,
    `request ${camera}`,
  ]);
  expect(clients.holder(second)).toBe(camera);
});

test("an answer to another's address or MAC is not heard; nor is a client", () => {
  const { clients, clock, server, told, frames } = new Scene();
  server.away = true;
  clients.run(camera, "stateful");
  clock.pass(millis(1100));
  server.away = false;
  const [asked = new Uint8Array()] = frames;
  const answer = must(parseDhcp6Frame(server.answer(asked) ?? new Uint8Array()));
  clients.dhcpFrame({ ...answer, destinationMac: printer });
  clients.dhcpFrame({ ...answer, destination: linkLocalOf(printer) });
  clients.dhcpFrame({ ...must(parseDhcp6Frame(asked)), destinationMac: camera });
  const before = told.length;
  clients.dhcpFrame(must(parseDhcp6Frame(emitDhcp6Frame(answer))));
  clock.pass(millis(300));
  expect([before, answer.sourceMac]).toEqual([1, server6Mac]);
  clock.pass(seconds(5));
  expect(clients.holder(first)).toBe(camera);
});

test("the name is the device's own, as known at the moment of sending", () => {
  const scene = new Scene();
  scene.server.away = true;
  scene.clients.run(camera, "stateful");
  scene.clock.pass(millis(1100));
  scene.hostName = "cam";
  scene.clock.pass(seconds(5));
  const names = scene.frames.map((frame) => must(parseDhcp6Frame(frame)).message.options.fqdn?.name);
  expect([names[0], names.at(-1)]).toEqual([undefined, "cam"]);
});

test("an address in use by a stranger is declined", () => {
  const { clients, clock, server, told } = new Scene();
  clients.run(camera, "stateful");
  clock.pass(millis(1500));
  expect(clients.holder(first)).toBe(camera);
  clients.input(camera, { kind: "dad", address: first, duplicate: true });
  expect(told).toContain(`conflict ${camera}`);
  expect(server.heard).toContain(`decline ${camera}`);
  expect(clients.holder(first)).toBeUndefined();
});

test("a crowd that is never answered costs no other its lease, and no newcomer its time", () => {
  const scene = new Scene();
  const { clients, clock, server, told } = scene;
  scene.pacer = switchSafePacer(clock);
  server.lifetimes = { preferred: 40, valid: 60 };
  clients.run(camera, "stateful");
  clock.pass(seconds(5));
  for (let n = 0; n < 300; n++)
    clients.run(macFromBytes(Uint8Array.of(0, 0xcc, 0, 0, n >> 8, n & 255)), "stateful");
  clock.pass(minutes(20));
  expect(told).not.toContain(`lost ${camera}`);
  expect(told.filter((t) => t === `renewed ${camera}`).length).toBeGreaterThan(40);
  server.addresses.set(printer, second);
  clients.run(printer, "stateful");
  clock.pass(seconds(5));
  expect(told).toContain(`configure ${printer} ${second}`);
});

test("five hundred devices on one clock all get their own", () => {
  const { clients, clock, server, told } = new Scene();
  const all = Array.from({ length: 500 }, (_, n) => macFromBytes(Uint8Array.of(0, 1, 2, 3, n >> 8, n & 255)));
  for (const [n, device] of all.entries()) server.addresses.set(device, ip6(`2001:db8:1::${n + 100}`));
  for (const device of all) clients.run(device, "stateful");
  clock.pass(seconds(6));
  expect(told.filter((t) => t.startsWith("configure")).length).toBe(500);
  clients.stop();
  clock.pass(seconds(5));
  expect(clock.pending).toBe(0);
});
