/** The WAN side: one socket on the port, what is heard on it, and what goes out in the devices' names. */
import { messageOf } from "../../base/errors.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { PacketLink, PacketLinks } from "../../ports/packet-link.ts";
import { parseArpFrame } from "../../wire/arp.ts";
import { wanFilter } from "../../wire/bpf.ts";
import { parseDhcp4Frame } from "../../wire/dhcp4/frame.ts";
import { etherTypeOf, etherTypes } from "../../wire/ethernet.ts";
import { Dhcp4Clients, type Dhcp4ClientsParts } from "./dhcp4-clients.ts";
import type { FrameKind, Pacer, Queueing } from "./pacer.ts";
import { type Asker, RouterWatch } from "./router-watch.ts";
import { WanSightings } from "./wan-sightings.ts";

export interface UplinkParts extends Omit<Dhcp4ClientsParts, "send" | "answered"> {
  readonly links: PacketLinks;
  readonly log: Log;
  readonly wanPort: string;
  readonly pacer: Pacer;
  readonly asker: (router: Ip4) => Asker | undefined;
  /** A server has answered the device. */
  readonly onAnswer: (mac: Mac) => void;
  /** A frame of ours leaves. */
  readonly onSent: () => void;
  /** Any frame of another station. */
  readonly onHeard: () => void;
  /** An IPv6 frame of the same socket. */
  readonly onIpv6: (frame: Uint8Array) => void;
  readonly onRouter: (router: Ip4, mac: Mac | undefined, was: Mac | undefined) => void;
}

export class Uplink {
  readonly clients: Dhcp4Clients;
  readonly routers: RouterWatch;
  readonly #parts: UplinkParts;
  readonly #sightings = new WanSightings();
  #link: PacketLink | undefined;
  #sendFailure = "";
  /** Devices whose MAC was heard on the WAN side; told once each. */
  readonly #twins = new Set<Mac>();

  constructor(parts: UplinkParts) {
    this.#parts = parts;
    this.clients = new Dhcp4Clients({
      ...parts,
      send: this.send,
      answered: (exchange, mac) => {
        parts.pacer.answered(exchange);
        parts.onAnswer(mac);
      },
    });
    this.routers = new RouterWatch({
      clock: parts.clock,
      asker: parts.asker,
      onChange: parts.onRouter,
      send: (frame) => this.send("arp", frame),
    });
  }

  /** Puts a frame on the WAN port, paced. */
  readonly send = (kind: FrameKind, frame: Uint8Array, queueing?: Queueing): void =>
    this.#parts.pacer.send(kind, () => this.#transmit(frame), queueing);

  get #clock(): Clock {
    return this.#parts.clock;
  }

  async start(): Promise<void> {
    const { links, wanPort } = this.#parts;
    this.#link = await links.open(wanPort, wanFilter, (frame) => this.#receive(frame));
  }

  async stop(): Promise<void> {
    this.#parts.pacer.stop();
    this.clients.stop();
    this.routers.stop();
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  /** Whether a station on the WAN side uses this MAC. */
  seesOnWan(mac: Mac): boolean {
    return this.#sightings.has(mac, this.#clock.now());
  }

  /** A station of the WAN side was heard. */
  sighted(mac: Mac): void {
    this.#sightings.note(mac, this.#clock.now());
  }

  /** Answers to this MAC are awaited, and it has no interface yet. */
  listenFor(mac: Mac): void {
    this.#link?.listenFor(mac);
  }

  listenNoMore(mac: Mac): void {
    this.#link?.listenNoMore(mac);
  }

  #transmit(frame: Uint8Array): void {
    try {
      this.#link?.send(frame);
      this.#parts.onSent();
      this.#sendFailure = "";
    } catch (thrown) {
      const message = messageOf(thrown);
      // Dropped by our own limit on ARP, or by a full queue: whoever asked asks again.
      if (message.includes("ENOBUFS")) return;
      if (message !== this.#sendFailure) this.#parts.log.warn(`cannot send on the WAN port: ${message}`);
      this.#sendFailure = message;
    }
  }

  #receive(frame: Uint8Array): void {
    // No station has a group address (IEEE 802.3 section 3.2.3); nobody may be remembered under one.
    if (((frame[6] ?? 1) & 1) === 1) return;
    this.#parts.onHeard();
    const type = etherTypeOf(frame);
    if (type === etherTypes.arp) this.#receiveArp(frame);
    else if (type === etherTypes.ipv6) this.#parts.onIpv6(frame);
    else this.#receiveDhcp(frame);
  }

  #receiveArp(frame: Uint8Array): void {
    const parsed = parseArpFrame(frame);
    if (!parsed.ok) return;
    const { arp, source } = parsed.value;
    if (this.clients.has(arp.senderMac)) {
      this.#warnOfTwin(arp.senderMac);
      return;
    }
    this.#sightings.note(source, this.#clock.now());
    this.routers.heard(arp);
    this.clients.arp(arp);
  }

  /** Our own identities' frames do not come back; one that does was sent by another with the same MAC. */
  #warnOfTwin(mac: Mac): void {
    if (this.#twins.has(mac)) return;
    this.#twins.add(mac);
    this.#parts.log.warn(
      `The MAC of device ${mac} also speaks on the WAN side: another gateway, or LAN and WAN joined`,
    );
  }

  #receiveDhcp(frame: Uint8Array): void {
    const parsed = parseDhcp4Frame(frame);
    if (!parsed.ok) {
      this.#parts.onMessage?.("received", "malformed");
      this.#parts.log.debug(`a DHCP frame makes no sense: ${parsed.error}`);
      return;
    }
    this.#sightings.note(parsed.value.sourceMac, this.#clock.now());
    this.clients.dhcpFrame(parsed.value);
  }
}
