import { expect, test } from "vitest";
import { Dhcp6Server } from "../../../test/support/dhcp6-server.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { allNodes, eui64Address, type Ip6, linkLocalOf, multicastMac } from "../../base/ip6.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { seededRng } from "../../base/rng.ts";
import { millis, minutes, seconds } from "../../base/time.ts";
import type { Address6Fact } from "../../plan/desired6.ts";
import { mac } from "../../plan/sample.fixture.ts";
import { emitNdFrame } from "../../wire/nd/emit.ts";
import type { NdFrame, NdMessage, RouterAdvert } from "../../wire/nd/message.ts";
import { parseNdFrame } from "../../wire/nd/parse.ts";
import { ip6, prefixInformation, routerAdvert } from "./advert.fixture.ts";
import { describe } from "./network.ts";
import { Uplink6 } from "./uplink6.ts";

const camera = mac("00:11:22:33:44:51");
const router = ip6("fe80::1");
const routerMac = mac("00:aa:00:00:00:01");
const prefix = "2001:db8:1::/64";
const leased = ip6("2001:db8:1::10");

const linkLocal = (device: Mac, state: Address6Fact["state"] = "usable"): Address6Fact => ({
  ip: linkLocalOf(device),
  length: 64,
  origin: "link-local",
  state,
});
const slaac = (device: Mac, state: Address6Fact["state"], from = "2001:db8:1::"): Address6Fact => ({
  ip: eui64Address(ip6(from), device),
  length: 64,
  origin: "slaac",
  state,
});

class Scene {
  readonly clock = new FakeClock(0);
  readonly log = new MemoryLog();
  readonly server = new Dhcp6Server(new Map([[camera, leased]]));
  readonly told: string[] = [];
  readonly nd: NdFrame[] = [];
  readonly sighted = new Set<Mac>();
  readonly confirmed: string[] = [];
  /** Whether the router answers questions. */
  routerThere = true;
  readonly uplink: Uplink6 = new Uplink6({
    clock: this.clock,
    rng: seededRng(7),
    log: this.log,
    settings: { timeout: seconds(10), retries: 5, retryDelay: seconds(5), failedRetry: seconds(60) },
    raWait: seconds(3),
    dhcpEnabled: true,
    send: (kind, frame) => (kind === "nd" ? this.#heardNd(frame) : this.#heardDhcp(frame)),
    answered: () => {},
    onChecks: () => {},
    hostName: () => undefined,
    refuse: () => undefined,
    sighted: (mac) => this.sighted.add(mac),
    onConfigure: (_mac, { addresses }) => this.told.push(`configure ${addresses[0]?.address}`),
    onDeconfigure: () => this.told.push("deconfigure"),
    onInformation: () => this.told.push("information"),
    onEvent: (_mac, { kind }) => this.told.push(kind),
    othersCome: () => false,
    onNetwork: (now) => this.told.push(`${this.clock.now() / 1000} ${describe(now)}`),
    onConfirmation: (mac) =>
      this.confirmed.push(`${this.clock.now() / 1000} ${JSON.stringify(this.uplink.confirmation(mac))}`),
  });

  #heardNd(bytes: Uint8Array): void {
    const frame = must(parseNdFrame(bytes));
    this.nd.push(frame);
    const { message, source, sourceMac } = frame;
    if (message.kind !== "neighbour-solicit" || message.target !== router || !this.routerThere) return;
    const answer = { kind: "neighbour-advert", target: router, targetMac: routerMac } as const;
    this.clock.after(millis(1), () =>
      this.hear({ ...answer, router: true, solicited: true, override: true }, { to: [source, sourceMac] }),
    );
  }

  #heardDhcp(bytes: Uint8Array): void {
    const answer = this.server.answer(bytes);
    if (answer) this.clock.after(millis(1), () => this.uplink.receive(answer));
  }

  hear(message: NdMessage, over: { from?: Mac; source?: Ip6; to?: readonly [Ip6, Mac] } = {}): void {
    const [destination, destinationMac] = over.to ?? [allNodes, multicastMac(allNodes)];
    const { from: sourceMac = routerMac, source = router } = over;
    this.uplink.receive(emitNdFrame({ sourceMac, destinationMac, source, destination, message }));
  }

  advert(more: Partial<RouterAdvert> = { prefixes: [prefixInformation(prefix)] }): void {
    this.hear(routerAdvert(more));
  }

  kinds(): string[] {
    return this.nd.map(({ message, destination }) => `${message.kind} ${destination}`);
  }
}

test("SLAAC: solicited, advertised, announced; no DHCPv6", () => {
  const scene = new Scene();
  const { uplink, clock, told, server } = scene;
  uplink.begin(camera);
  uplink.begin(camera);
  uplink.addresses(camera, [linkLocal(camera, "tentative")]);
  clock.pass(millis(100));
  expect(scene.kinds()).toEqual(["router-solicit ff02::2"]);
  scene.advert();
  expect(uplink.network().routers).toMatchObject([{ address: router, mac: routerMac }]);
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "tentative")]);
  clock.pass(seconds(2));
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  // It introduces its link-local address, and asks the router in that name.
  expect(scene.kinds().slice(1)).toEqual([
    "neighbour-solicit ff02::1:ff33:4451",
    "neighbour-solicit fe80::1",
    "neighbour-advert ff02::2",
  ]);
  clock.pass(minutes(20));
  expect(told).toEqual([`0.1 prefix ${prefix} via fe80::1`]);
  expect(server.heard).toEqual([]);
  expect(uplink.holder(slaac(camera, "usable").ip)).toBe(camera);
  expect([...scene.sighted]).toEqual([routerMac]);
});

test("an advertisement of which the kernel makes no address is asked for again, until it does", () => {
  const scene = new Scene();
  const { uplink, clock } = scene;
  const asked = (): number => scene.kinds().filter((kind) => kind === "router-solicit ff02::2").length;
  uplink.begin(camera);
  uplink.addresses(camera, [linkLocal(camera)]);
  clock.pass(millis(100));
  scene.advert();
  clock.pass(seconds(3.8));
  expect(asked()).toBe(1);
  clock.pass(seconds(0.2));
  expect(asked()).toBe(2);
  scene.advert();
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  clock.pass(minutes(20));
  expect(asked()).toBe(2);
});

test("M: stateful at once; the kernel's word on the address reaches the client", () => {
  const scene = new Scene();
  const { uplink, clock, told, server, log } = scene;
  scene.advert({ managed: true });
  uplink.begin(camera);
  uplink.addresses(camera, [linkLocal(camera)]);
  clock.pass(seconds(3));
  expect(told.slice(1)).toEqual(["requesting", `configure ${leased}`, "obtained"]);
  expect(uplink.holder(leased)).toBe(camera);
  const fact: Address6Fact = { ip: leased, length: 128, origin: "leased", state: "tentative" };
  uplink.addresses(camera, [linkLocal(camera), fact]);
  uplink.addresses(camera, [linkLocal(camera), { ...fact, state: "duplicate" }]);
  expect(server.heard.at(-1)).toBe(`decline ${camera}`);
  expect(told).toContain("conflict");
  expect(log.take()).toEqual([`warn Another station has the IPv6 address ${leased} of device ${camera}`]);
});

test("neither flag, no SLAAC: stateful after ra_wait; O: information", () => {
  const scene = new Scene();
  scene.uplink.begin(camera);
  scene.uplink.addresses(camera, [linkLocal(camera)]);
  scene.clock.pass(millis(2999));
  expect(scene.server.heard).toEqual([]);
  scene.clock.pass(seconds(3));
  expect(scene.server.heard).toEqual([`solicit ${camera}`, `request ${camera}`]);
  const other = new Scene();
  other.advert({ otherConfig: true, prefixes: [prefixInformation(prefix)] });
  other.uplink.begin(camera);
  other.uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  other.clock.pass(seconds(5));
  expect(other.server.heard).toEqual([`information-request ${camera}`]);
  expect(other.told).toContain("information");
});

test("a router that dies is missed within 13 s of its last word, and asked for", () => {
  const scene = new Scene();
  const { uplink, clock, told } = scene;
  uplink.begin(camera);
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  clock.pass(millis(1));
  scene.advert();
  clock.pass(minutes(5));
  const asked = scene.kinds().filter((kind) => kind === "neighbour-solicit fe80::1");
  expect(asked.length).toBe(30);
  scene.routerThere = false;
  scene.nd.length = 0;
  clock.pass(seconds(14));
  expect(told.slice(1).map((t) => t.split(" ").slice(1).join(" "))).toEqual([
    `prefix ${prefix} without a router`,
  ]);
  expect(scene.kinds()).toContain("router-solicit ff02::2");
  scene.routerThere = true;
  clock.pass(seconds(11));
  expect(told.at(-1)).toContain(`prefix ${prefix} via fe80::1`);
});

test("a change of the link: all is asked for again; what is confirmed is announced, what is not is withdrawn", () => {
  const scene = new Scene();
  const { uplink, clock, told } = scene;
  scene.advert({ prefixes: [prefixInformation(prefix), prefixInformation("2001:db8:2::/64")] });
  uplink.begin(camera);
  const facts = [linkLocal(camera), slaac(camera, "usable"), slaac(camera, "usable", "2001:db8:2::")];
  uplink.addresses(camera, facts);
  clock.pass(seconds(5));
  scene.advert({ prefixes: [prefixInformation(prefix), prefixInformation("2001:db8:2::/64")] });
  clock.pass(seconds(5));
  scene.routerThere = false;
  scene.nd.length = 0;
  uplink.linkChanged();
  clock.pass(seconds(1));
  // The link hears of an address before it is spoken from.
  expect(scene.kinds().slice(0, 3)).toEqual([
    "router-solicit ff02::2",
    "neighbour-solicit ff02::1:ff33:4451",
    "neighbour-solicit fe80::1",
  ]);
  scene.advert();
  const announced = scene.nd.filter(({ message }) => message.kind === "neighbour-advert");
  expect(announced.map(({ source, destination }) => `${source} ${destination}`)).toEqual([
    `${slaac(camera, "usable").ip} ff02::1`,
  ]);
  clock.pass(seconds(3));
  expect(told.at(-1)).toBe(`14 prefix ${prefix} via fe80::1`);
  expect(uplink.network().withdrawn).toMatchObject([{ address: "2001:db8:2::" }]);
});

test("once the carrier is back, whoever speaks is introduced first, before anything is known to have changed", () => {
  const scene = new Scene();
  const { uplink, clock } = scene;
  scene.advert();
  uplink.begin(camera);
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  clock.pass(seconds(5));
  scene.nd.length = 0;
  uplink.linkUp();
  clock.pass(seconds(10));
  const asked = scene.kinds().filter((kind) => kind.startsWith("neighbour-solicit"));
  expect(asked.slice(0, 2)).toEqual(["neighbour-solicit ff02::1:ff33:4451", "neighbour-solicit fe80::1"]);
});

test("after a restart: what is there is kept, and announced once the router is heard", () => {
  const scene = new Scene();
  const { uplink, clock } = scene;
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  uplink.seed([prefixInformation(prefix).prefix, prefixInformation("2001:db8:2::/64").prefix]);
  expect(uplink.has(camera)).toBe(false);
  clock.pass(seconds(60));
  expect(scene.nd).toEqual([]);
  uplink.begin(camera);
  clock.pass(seconds(1));
  scene.advert();
  expect(scene.kinds()).toEqual([
    "router-solicit ff02::2",
    "neighbour-solicit ff02::1:ff33:4451",
    "neighbour-advert ff02::1",
  ]);
  clock.pass(seconds(10));
  expect(uplink.network().withdrawn).toMatchObject([{ address: "2001:db8:2::" }]);
});

test("a lease is verified after a change of the link, void on another network, released with its device", () => {
  const scene = new Scene();
  const { uplink, clock, server, told } = scene;
  scene.advert({ managed: true });
  uplink.begin(camera);
  uplink.addresses(camera, [linkLocal(camera)]);
  clock.pass(seconds(3));
  uplink.verify(camera);
  clock.pass(seconds(3));
  expect(server.heard.slice(2)).toEqual([`confirm ${camera}`]);
  uplink.moved(camera);
  clock.pass(seconds(3));
  expect(server.heard.slice(3)).toEqual([`solicit ${camera}`, `request ${camera}`]);
  expect(told).toContain("deconfigure");
  uplink.forget(camera);
  expect(server.heard.at(-1)).toBe(`release ${camera}`);
  expect([uplink.has(camera), uplink.holder(leased), uplink.holder(linkLocalOf(camera))]).toEqual([
    false,
    undefined,
    undefined,
  ]);
});

test("a device's MAC that speaks on the WAN side too is told once, and not listened to", () => {
  const scene = new Scene();
  scene.uplink.begin(camera);
  const twin = { from: camera, source: ip6("fe80::66") };
  scene.hear(routerAdvert(), twin);
  scene.hear(routerAdvert(), twin);
  expect(scene.log.take()).toEqual([
    `warn The MAC of device ${camera} also speaks IPv6 on the WAN side: another gateway, or LAN and WAN joined`,
  ]);
  expect([scene.uplink.network().heard, [...scene.sighted]]).toEqual([false, []]);
});

test("nonsense is passed over; an answer without Override moves no router; one with it does", () => {
  const scene = new Scene();
  scene.uplink.receive(new Uint8Array(70));
  const udp = new Uint8Array(70);
  udp[20] = 17;
  scene.uplink.receive(udp);
  expect(scene.log.take()).toEqual([]);
  scene.advert();
  const other = mac("00:aa:00:00:00:99");
  const claim = { kind: "neighbour-advert", target: router, router: true, solicited: false } as const;
  scene.hear({ ...claim, override: false, targetMac: other }, { from: other });
  expect(scene.uplink.network().routers).toMatchObject([{ mac: routerMac }]);
  scene.hear({ ...claim, override: true, targetMac: other }, { from: other });
  expect(scene.uplink.network().routers).toMatchObject([{ mac: other }]);
  scene.hear({ ...claim, target: ip6("fe80::77"), override: true, targetMac: other }, { from: other });
  expect(scene.told.length).toBe(2);
});

test("a thousand devices: looks that bring no news cost next to nothing; after stop nothing is left", () => {
  const scene = new Scene();
  const { uplink, clock } = scene;
  const all = Array.from({ length: 1000 }, (_, n) =>
    macFromBytes(Uint8Array.of(0, 1, 2, 3, n >> 8, n & 255)),
  );
  const look = (state: Address6Fact["state"]): void => {
    for (const device of all) uplink.addresses(device, [linkLocal(device), slaac(device, state)]);
  };
  for (const device of all) uplink.begin(device);
  scene.advert();
  look("tentative");
  look("usable");
  const sent = scene.nd.length;
  look("usable");
  expect([sent, scene.nd.length]).toEqual([1000, 1000]);
  clock.pass(minutes(1));
  expect(scene.server.heard).toEqual([]);
  uplink.stop();
  scene.advert();
  expect(clock.pending).toBe(0);
});

test("what an earlier run left works before the device's turn comes, also once a router has spoken", () => {
  const scene = new Scene();
  const { uplink } = scene;
  uplink.addresses(camera, [linkLocal(camera), slaac(camera, "usable")]);
  expect(uplink.confirmation(camera)).toBe("answered");
  scene.advert();
  expect(uplink.confirmation(camera)).toBe("answered");
  uplink.begin(camera);
  expect(uplink.confirmation(camera)).toBe("answered");
});
