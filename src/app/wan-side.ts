/** The WAN side of both families: one socket, one pacer, and what is learnt there told to those concerned. */

import { networkOf6 } from "../base/cidr6.ts";
import type { Ip4 } from "../base/ip4.ts";
import { type Ip6, isRoutableIp6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { Rng } from "../base/rng.ts";
import type { Config } from "../config/schema.ts";
import type { Fingerprint } from "../machine/dhcp4/interface.ts";
import type { Lease4 } from "../machine/dhcp4/lease.ts";
import type { Addresses6 } from "../plan/desired6.ts";
import type { Resource } from "../plan/resource.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { PacketLinks } from "../ports/packet-link.ts";
import { askerFor, refuseAddress } from "./devices/plan-input.ts";
import type { Progress } from "./devices/progress.ts";
import type { Registry } from "./devices/registry.ts";
import { MessageTally } from "./uplink/message-tally.ts";
import { paceOf } from "./uplink/pace.ts";
import { makePacer, type Pacer } from "./uplink/pacer.ts";
import { Uplink } from "./uplink/uplink.ts";
import type { Network6 } from "./uplink6/network.ts";
import { Uplink6 } from "./uplink6/uplink6.ts";

export interface WanSideParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly links: PacketLinks;
  readonly registry: Registry;
  readonly progress: Progress;
  /** Undefined: the device is known no more. */
  readonly fingerprint: (mac: Mac) => Fingerprint | undefined;
  /** Whether the device can do without IPv4, should the network prefer that (RFC 8925). */
  readonly v6Only: (mac: Mac) => boolean;
  /** A server of either family has answered the device. */
  readonly onAnswer: (mac: Mac) => void;
  /** A server has granted the device an IPv4 address. */
  readonly onGranted: (mac: Mac) => void;
  readonly onLease: (mac: Mac, lease: Lease4) => void;
  /** A frame of ours leaves. */
  readonly onSent: () => void;
  /** Any frame of another station. */
  readonly onHeard: () => void;
  readonly onRouter: (router: Ip4, mac: Mac | undefined, was: Mac | undefined) => void;
  readonly onNetwork6: (now: Network6, was: Network6) => void;
  /** Whether identities are about to come up. */
  readonly othersCome: () => boolean;
  /** The network answers the device on IPv6, or does so no more. */
  readonly onConfirmation: (mac: Mac) => void;
}

export class WanSide {
  readonly #parts: WanSideParts;
  readonly pacer: Pacer;
  /** DHCP of both families. */
  readonly messages = new MessageTally();
  readonly ipv4: Uplink;
  readonly ipv6: Uplink6;

  constructor(parts: WanSideParts) {
    this.#parts = parts;
    const { config, clock } = parts;
    this.pacer = makePacer(clock, paceOf(config.pacing));
    this.ipv4 = this.#makeIpv4();
    this.ipv6 = this.#makeIpv6();
  }

  async start(): Promise<void> {
    await this.ipv4.start();
  }

  async stop(): Promise<void> {
    this.ipv6.stop();
    await this.ipv4.stop();
  }

  /** What an earlier run left in the kernel tells of routers and prefixes. */
  adopt(resources: readonly Resource[], addresses6: Addresses6): void {
    for (const r of resources) if (r.kind === "neighbour") this.ipv4.routers.want(r.ip, r.mac);
    const made = [...addresses6.values()].flat().filter((fact) => fact.origin === "slaac");
    const prefixes = new Map(made.map((fact) => [networkOf6(fact.ip, fact.length).address, fact]));
    this.ipv6.seed([...prefixes.values()].map((fact) => networkOf6(fact.ip, fact.length)));
  }

  /** Whether a station on the WAN side uses this MAC. */
  seesOnWan(mac: Mac): boolean {
    return this.ipv4.seesOnWan(mac);
  }

  /** RELEASE of all leases, and no more of this device. */
  forget(mac: Mac): void {
    this.ipv4.clients.forget(mac);
    this.ipv6.forget(mac);
  }

  #makeIpv4(): Uplink {
    const { config, registry, progress } = this.#parts;
    const { dhcpv4, lan, wan } = config;
    return new Uplink({
      ...this.#parts,
      log: this.#parts.log.for("dhcp4"),
      pacer: this.pacer,
      wanPort: wan.interface,
      settings: {
        timeout: dhcpv4.timeout,
        retries: dhcpv4.retries,
        retryDelay: dhcpv4.retry_delay,
        failedRetry: dhcpv4.failed_retry,
      },
      refuse: (mac, ip) => refuseAddress(lan.address, ip, this.ipv4.clients.holder(ip), mac),
      onConfigure: (mac, lease) => this.#configure(mac, lease),
      onDeconfigure: (mac, address) => progress.deconfigure(mac, address),
      onEvent: (mac, event) => progress.event(mac, event),
      onMessage: (direction, type) => this.messages.count("ipv4", direction, type),
      asker: (router) => askerFor(registry.all(), router),
      onIpv6: (frame) => this.ipv6.receive(frame),
    });
  }

  #configure(mac: Mac, lease: Lease4): void {
    const { progress, onLease } = this.#parts;
    this.ipv6.answered(mac);
    onLease(mac, lease);
    progress.configure(mac, lease);
    for (const { router } of lease.routes)
      this.ipv4.routers.want(router, router === lease.serverId ? lease.serverMac : undefined);
  }

  #makeIpv6(): Uplink6 {
    const { config, registry, progress, onAnswer, onNetwork6 } = this.#parts;
    const { dhcpv6, slaac } = config;
    return new Uplink6({
      ...this.#parts,
      log: this.#parts.log.for("dhcp6"),
      settings: {
        timeout: dhcpv6.timeout,
        retries: dhcpv6.retries,
        retryDelay: dhcpv6.retry_delay,
        failedRetry: dhcpv6.failed_retry,
      },
      raWait: slaac.ra_wait,
      dhcpEnabled: dhcpv6.enabled,
      send: this.ipv4.send,
      answered: (exchange, mac) => {
        this.pacer.answered(exchange);
        onAnswer(mac);
      },
      othersCome: this.#parts.othersCome,
      onChecks: (count) => this.pacer.spend("nd", count),
      hostName: (mac) => registry.get(mac)?.hostname,
      refuse: (mac, ip) => refuseAddress6(ip, this.ipv6.holder(ip), mac),
      sighted: (mac) => this.ipv4.sighted(mac),
      onConfigure: (mac, lease) => {
        progress.configure6(mac, lease);
      },
      onDeconfigure: (mac) => progress.deconfigure6(mac),
      onInformation: (mac, information) => progress.information6(mac, information),
      onEvent: (mac, event) => progress.event6(mac, event),
      onMessage: (direction, type) => this.messages.count("ipv6", direction, type),
      onNetwork: onNetwork6,
    });
  }
}

/** Why an address that a DHCPv6 server offers must not be taken. */
function refuseAddress6(address: Ip6, holder: Mac | undefined, mac: Mac): string | undefined {
  if (!isRoutableIp6(address)) return `the server offered ${address}, which is no address of a host`;
  if (holder && holder !== mac) return `the server offered ${address}, which the identity of ${holder} holds`;
  return undefined;
}
