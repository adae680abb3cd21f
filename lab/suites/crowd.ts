/** Made-up devices in the real registry, behind the real inspection: for looking at what people are shown of a thousand. */
import { blank, type Device, type Ipv4State, type Ipv6State } from "../../src/app/devices/device.ts";
import { Registry } from "../../src/app/devices/registry.ts";
import { Timeline } from "../../src/app/devices/timeline.ts";
import { Inspection } from "../../src/app/inspection.ts";
import type { NetworkView } from "../../src/app/network/view.ts";
import { networkOf } from "../../src/base/cidr4.ts";
import { type Ip4, ip4FromNumber } from "../../src/base/ip4.ts";
import { eui64Address, type Ip6 } from "../../src/base/ip6.ts";
import { type Mac, macFromBytes } from "../../src/base/mac.ts";
import { millis, minutes, plus, seconds, wallPlus } from "../../src/base/time.ts";
import { defaultConfig } from "../../src/config/schema.ts";
import type { NetworkFacts } from "../../src/config/state-network.ts";
import type { Observed } from "../../src/plan/observe.ts";
import type { Clock } from "../../src/ports/clock.ts";

const kinds = [
  "camera",
  "printer",
  "badge-reader",
  "plc",
  "thermostat",
  "a-very-long-host-name-of-a-laboratory-instrument",
];
const router = "198.51.100.1" as Ip4;
const firstLan = 0x0a_14_01_00;
const firstWan = 0xc6_12_01_00;
const prefix = "2001:db8:a::" as Ip6;

export const crowdMac = (n: number): Mac => macFromBytes(Uint8Array.of(2, 0, 0x5e, 0x10, n >> 8, n & 255));

const network: NetworkFacts = {
  ipv4: { offer: "yes", routers: [router], servers: [router] },
  ipv6: {
    offer: "yes",
    routers: ["fe80::1" as Ip6],
    slaac: [],
    stateful: "answers",
    stateless: false,
    nat64: [],
  },
};

const portUp = { up: true, carrier: true } as unknown;

export class Crowd {
  readonly registry = new Registry();
  readonly inspection: Inspection;
  readonly #clock: Clock;
  #turn = 0;

  constructor(clock: Clock, count: number) {
    this.#clock = clock;
    const config = defaultConfig();
    const ports = new Map([config.lan.interface, config.wan.interface].map((name) => [name, portUp]));
    this.inspection = new Inspection({
      config,
      clock,
      registry: this.registry,
      timeline: new Timeline(this.registry, () => clock.wall()),
      network: { facts: network, offered: { ipv4: true, ipv6: true } } as NetworkView,
      troubles: () => [],
      troubleKinds: () => new Set(),
      tellApi: () => {},
      tellHooks: () => {},
      observed: () => ({ ports }) as unknown as Observed,
      portState: () => "up",
      forwards: () => [],
      ways: () => [],
      isOpen: () => undefined,
      inbound: () => [],
      openTo: () => [],
      dhcpMessages: () => [],
      windows: { DHCPv4: { size: 8, open: 0 }, DHCPv6: { size: 8, open: 0 } },
      waits: () => false,
      prospect: async () => ({ actions: [], busy: false }),
      retry: () => {},
      forget: (mac) => this.registry.remove(mac),
    });
    for (let n = 0; n < count; n++) this.registry.put(this.#device(n));
  }

  /** Changes so many devices a second, evenly, for as long as the program runs. */
  change(perSecond: number): void {
    this.#clock.after(millis(1_000 / perSecond), () => {
      this.#turn++;
      this.#changeOne(this.registry.all()[(this.#turn * 37) % this.registry.size]);
      this.change(perSecond);
    });
  }

  #changeOne(device: Device | undefined): void {
    if (!device) return;
    const steps = [this.#asking(), this.#failed, this.#leased(this.#turn)] as const;
    const ipv4 = steps[this.#turn % steps.length] ?? blank.ipv4;
    this.registry.put({
      ...device,
      ipv4,
      ipv6: blank.ipv6,
      lastSeen: this.#clock.wall(),
      lastSeenAt: this.#clock.now(),
    });
  }

  /** Of seven, one is not registered and one is away. */
  #device(n: number): Device {
    const mac = crowdMac(n);
    const failed = n % 7 === 3;
    const away = n % 7 === 5 ? minutes(60) : seconds(n % 200);
    return {
      mac,
      lanIp: ip4FromNumber(firstLan + n),
      ...(n % 9 === 8 ? {} : { hostname: `${kinds[n % kinds.length]}-${n}` }),
      fingerprint: {},
      discoveredAt: wallPlus(this.#clock.wall(), millis(-3_600_000)),
      lastSeen: wallPlus(this.#clock.wall(), millis(-away)),
      lastSeenAt: plus(this.#clock.now(), millis(-away)),
      stage: n % 50 === 49 ? { tag: "pending" } : { tag: "admitted" },
      ipv4: failed ? this.#failed : this.#leased(n),
      ipv6: failed ? blank.ipv6 : slaac(mac),
    };
  }

  readonly #failed: Ipv4State = {
    dhcp: { tag: "failed", reason: "no answer to DHCP: is this MAC registered?" },
    installed: false,
  };

  #asking(): Ipv4State {
    return { dhcp: { tag: "asking", attempt: 1 + (this.#turn % 10), of: 10 }, installed: false };
  }

  #leased(n: number): Ipv4State {
    const now = this.#clock.now();
    const lease = {
      address: ip4FromNumber(firstWan + (n % 65_000)),
      prefixLength: 16,
      routes: [{ destination: networkOf(router, 0), router }],
      dnsServers: [router],
      ntpServers: [],
      domainSearch: [],
      serverId: router,
      serverMac: "00:00:5e:00:53:fe" as Mac,
      acquiredAt: now,
      renewAt: plus(now, minutes(30)),
      rebindAt: plus(now, minutes(52)),
      expiresAt: plus(now, minutes(60)),
    };
    return { dhcp: { tag: "leased", lease }, installed: true };
  }
}

const slaac = (mac: Mac): Ipv6State => ({
  dhcp: { tag: "idle" },
  addresses: [{ ip: eui64Address(prefix, mac), origin: "slaac", state: "usable" }],
  installed: true,
});
