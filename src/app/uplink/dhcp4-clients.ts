/** The DHCPv4 clients of all devices: one socket, one heap of deadlines, one machine a device. */
import { anyIp4, broadcastIp4, type Ip4 } from "../../base/ip4.ts";
import { broadcastMac, type Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import type {
  Dhcp4Destination,
  Dhcp4Effect,
  Dhcp4Env,
  Dhcp4Event,
  Dhcp4Input,
  Dhcp4Settings,
  Fingerprint,
} from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import { type Dhcp4State, heldLease, initialState, type Selecting } from "../../machine/dhcp4/state.ts";
import { step } from "../../machine/dhcp4/step.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Arp, emitArpAnnouncement, emitArpProbe } from "../../wire/arp.ts";
import { type Dhcp4Frame, dhcp4Ports, emitDhcp4Frame } from "../../wire/dhcp4/frame.ts";
import type { Dhcp4Message } from "../../wire/dhcp4/message.ts";
import { Alarms } from "./alarms.ts";
import type { Direction } from "./message-tally.ts";
import type { Exchange, FrameKind, Queueing } from "./pacer.ts";

export interface Dhcp4ClientsParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly settings: Dhcp4Settings;
  /** Puts a frame on the WAN port, paced. */
  readonly send: (kind: FrameKind, frame: Uint8Array, queueing?: Queueing) => void;
  /** A server answered the device's question. */
  readonly answered: (exchange: Exchange, mac: Mac) => void;
  /** Undefined: the device is known no more, and what it was holds for its RELEASE. */
  readonly fingerprint: (mac: Mac) => Fingerprint | undefined;
  /** Whether the device can do without IPv4 now, should the network prefer that (RFC 8925). */
  readonly v6Only: (mac: Mac) => boolean;
  /** Why this device must not take this address. */
  readonly refuse: (mac: Mac, address: Ip4) => string | undefined;
  /** A server has granted an address, which is not yet in use. */
  readonly onGranted?: (mac: Mac) => void;
  readonly onConfigure: (mac: Mac, lease: Lease4) => void;
  readonly onDeconfigure: (mac: Mac, address: Ip4) => void;
  readonly onEvent: (mac: Mac, event: Dhcp4Event) => void;
  /** A message leaves, or came for one of the devices. */
  readonly onMessage?: (direction: Direction, type: string) => void;
}

interface Client {
  readonly env: Dhcp4Env;
  state: Dhcp4State;
  /** The address it probes or holds: whose ARP concerns it. */
  interest: Ip4 | undefined;
}

export class Dhcp4Clients {
  readonly #parts: Dhcp4ClientsParts;
  readonly #clients = new Map<Mac, Client>();
  readonly #interests = new Map<Ip4, Mac>();
  readonly #alarms: Alarms<Mac>;

  constructor(parts: Dhcp4ClientsParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (mac) => this.input(mac, { kind: "timer" }));
  }

  has(mac: Mac): boolean {
    return this.#clients.has(mac);
  }

  /** Which device probes or holds an address on the WAN. */
  holder(ip: Ip4): Mac | undefined {
    return this.#interests.get(ip);
  }

  /** Begins acquisition, or verification of a lease from before a restart. */
  begin(mac: Mac, stored?: Lease4): void {
    if (this.#clients.has(mac)) return;
    const { settings, rng, refuse, fingerprint, v6Only } = this.#parts;
    let known: Fingerprint = {};
    const env: Dhcp4Env = {
      mac,
      // Read anew at each step: a device is often noticed by ARP before its own DHCP tells who it is.
      get fingerprint() {
        known = fingerprint(mac) ?? known;
        return known;
      },
      settings,
      rng,
      get v6Only() {
        return v6Only(mac);
      },
      refuse: (address) => refuse(mac, address),
    };
    this.#clients.set(mac, { env, state: initialState, interest: undefined });
    this.input(mac, stored ? { kind: "start", stored } : { kind: "start" });
  }

  /** RELEASE, and no more of this device. */
  forget(mac: Mac): void {
    this.input(mac, { kind: "release" });
    const client = this.#clients.get(mac);
    if (client) this.#mind(mac, client, undefined);
    this.#clients.delete(mac);
    this.#alarms.delete(mac);
  }

  /** The WAN may be another network: the lease is verified, an attempt begins anew. */
  linkChanged(mac: Mac): void {
    this.input(mac, { kind: "link-changed" });
  }

  /** The WAN is another network: its lease is worth nothing there. `why`: other words for that. */
  moved(mac: Mac, why?: string): void {
    this.input(mac, why ? { kind: "moved", why } : { kind: "moved" });
  }

  stop(): void {
    this.#alarms.stop();
    this.#clients.clear();
    this.#interests.clear();
  }

  dhcpFrame(frame: Dhcp4Frame): void {
    const { message, sourceIp, sourceMac } = frame;
    if (message.op !== "reply") return;
    if (this.#clients.has(message.chaddr)) {
      this.#parts.onMessage?.("received", message.options.messageType ?? "bootp");
      this.#parts.answered(exchangeOf(message.chaddr, message.xid), message.chaddr);
    }
    this.input(message.chaddr, { kind: "message", message, sourceIp, sourceMac });
    if (message.options.messageType === "ack") this.#parts.onGranted?.(message.chaddr);
  }

  /** ARP of a station that is none of our identities. */
  arp({ senderIp, senderMac, targetIp }: Arp): void {
    const subject = senderIp === anyIp4 ? targetIp : senderIp;
    const mac = this.#interests.get(subject);
    if (mac) this.input(mac, { kind: "arp", senderIp, senderMac, targetIp });
  }

  input(mac: Mac, input: Dhcp4Input): void {
    const client = this.#clients.get(mac);
    if (!client) return;
    const result = step(client.state, input, this.#parts.clock.now(), client.env);
    client.state = result.state;
    this.#mind(mac, client, addressOf(client.state));
    this.#alarms.set(mac, result.wakeAt);
    for (const effect of result.effects) this.#carryOut(mac, effect);
  }

  #carryOut(mac: Mac, effect: Dhcp4Effect): void {
    const { send, onConfigure, onDeconfigure, onEvent } = this.#parts;
    switch (effect.kind) {
      case "send":
        send("dhcp", dhcpFrame(mac, effect.message, effect.to), this.#queueing(mac, effect.message));
        break;
      case "arp-probe":
        send("arp", emitArpProbe(mac, effect.ip));
        break;
      case "arp-announce":
        send("arp", emitArpAnnouncement(mac, effect.ip));
        break;
      case "configure":
        onConfigure(mac, effect.lease);
        break;
      case "deconfigure":
        onDeconfigure(mac, effect.address);
        break;
      case "event":
        onEvent(mac, effect.event);
        break;
    }
  }

  /** However many devices ask in vain, their DISCOVERs neither pile up nor hold up the message that keeps another's lease. */
  #queueing(mac: Mac, { xid, options }: Dhcp4Message): Queueing {
    const key = `${mac} ${options.messageType}`;
    const asking = (): Selecting | undefined => {
      const state = this.#clients.get(mac)?.state;
      return state?.tag === "selecting" && state.xid === xid ? state : undefined;
    };
    const isQuestion = options.messageType === "discover" || options.messageType === "request";
    const both = {
      ...(isQuestion ? { exchange: exchangeOf(mac, xid) } : {}),
      onSent: () => this.#parts.onMessage?.("sent", options.messageType ?? "bootp"),
    };
    const selecting = options.messageType === "discover" ? asking() : undefined;
    if (!selecting) return { key, rank: "now", wanted: () => true, ...both };
    const rank = selecting.row.attempt === 1 ? "soon" : "later";
    return { key, rank, wanted: () => asking() !== undefined, ...both };
  }

  #mind(mac: Mac, client: Client, ip: Ip4 | undefined): void {
    if (client.interest === ip) return;
    if (client.interest && this.#interests.get(client.interest) === mac)
      this.#interests.delete(client.interest);
    client.interest = ip;
    if (ip) this.#interests.set(ip, mac);
  }
}

const exchangeOf = (mac: Mac, xid: number): Exchange => ({ servers: "DHCPv4", id: `${mac} ${xid}` });

/** The address that is this device's, or will be in a moment. */
const addressOf = (state: Dhcp4State): Ip4 | undefined =>
  state.tag === "probing" ? state.lease.address : heldLease(state)?.address;

function dhcpFrame(mac: Mac, message: Dhcp4Message, to: Dhcp4Destination): Uint8Array {
  const unicast = to.kind === "unicast";
  return emitDhcp4Frame({
    sourceMac: mac,
    destinationMac: unicast ? to.mac : broadcastMac,
    sourceIp: unicast ? to.source : message.ciaddr,
    destinationIp: unicast ? to.ip : broadcastIp4,
    sourcePort: dhcp4Ports.client,
    destinationPort: dhcp4Ports.server,
    message,
  });
}
