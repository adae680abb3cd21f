/** The DHCPv6 clients of all devices: one socket, one heap of deadlines, one machine a device. */
import { allDhcpServers, type Ip6, linkLocalOf, multicastMac } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import type {
  Dhcp6Effect,
  Dhcp6Env,
  Dhcp6Event,
  Dhcp6Input,
  Dhcp6Mode,
  Dhcp6Settings,
} from "../../machine/dhcp6/interface.ts";
import type { Information6, Lease6 } from "../../machine/dhcp6/lease.ts";
import { type Dhcp6State, heldLease6, initialState6, type Row } from "../../machine/dhcp6/state.ts";
import { step } from "../../machine/dhcp6/step.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Dhcp6Frame, dhcp6Ports, emitDhcp6Frame } from "../../wire/dhcp6/frame.ts";
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import { Alarms } from "../uplink/alarms.ts";
import type { Direction } from "../uplink/message-tally.ts";
import type { Exchange, FrameKind, Queueing } from "../uplink/pacer.ts";

export interface Dhcp6ClientsParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly settings: Dhcp6Settings;
  /** Puts a frame on the WAN port, paced. */
  readonly send: (kind: FrameKind, frame: Uint8Array, queueing?: Queueing) => void;
  /** A server answered the device's question. */
  readonly answered: (exchange: Exchange, mac: Mac) => void;
  /** The name the device gave itself on the LAN. */
  readonly hostName: (mac: Mac) => string | undefined;
  /** Why this device must not take this address. */
  readonly refuse: (mac: Mac, address: Ip6) => string | undefined;
  readonly onConfigure: (mac: Mac, lease: Lease6) => void;
  readonly onDeconfigure: (mac: Mac) => void;
  readonly onInformation: (mac: Mac, information: Information6) => void;
  readonly onEvent: (mac: Mac, event: Dhcp6Event) => void;
  /** A message leaves, or came for one of the devices. */
  readonly onMessage?: (direction: Direction, type: string) => void;
}

interface Client {
  readonly linkLocal: Ip6;
  mode: Dhcp6Mode | undefined;
  state: Dhcp6State;
  /** The addresses it checks or holds. */
  interests: readonly Ip6[];
}

export class Dhcp6Clients {
  readonly #parts: Dhcp6ClientsParts;
  readonly #clients = new Map<Mac, Client>();
  readonly #interests = new Map<Ip6, Mac>();
  readonly #alarms: Alarms<Mac>;

  constructor(parts: Dhcp6ClientsParts) {
    this.#parts = parts;
    this.#alarms = new Alarms(parts.clock, (mac) => this.input(mac, { kind: "timer" }));
  }

  /** Which device checks or holds a leased address. */
  holder(ip: Ip6): Mac | undefined {
    return this.#interests.get(ip);
  }

  has(mac: Mac): boolean {
    return this.#clients.has(mac);
  }

  /** The addresses of the device's lease; none without one. */
  leased(mac: Mac): readonly Ip6[] {
    return this.#clients.get(mac)?.interests ?? [];
  }

  /** Begins, changes to another mode, or stops; the mode that is there already changes nothing. */
  run(mac: Mac, mode: Dhcp6Mode | undefined, stored?: Lease6): void {
    const client = this.#clients.get(mac);
    if (client?.mode === mode) return;
    if (!client) this.#clients.set(mac, newClient(mac, mode));
    else client.mode = mode;
    if (mode) this.input(mac, stored ? { kind: "start", mode, stored } : { kind: "start", mode });
    else if (client) this.#end(mac);
  }

  /** There is nothing to ask for any more. */
  #end(mac: Mac): void {
    this.input(mac, { kind: "release" });
    this.#parts.onDeconfigure(mac);
  }

  /** RELEASE, and no more of this device. */
  forget(mac: Mac): void {
    this.input(mac, { kind: "release" });
    const client = this.#clients.get(mac);
    if (client) this.#mind(mac, client, []);
    this.#clients.delete(mac);
    this.#alarms.delete(mac);
  }

  stop(): void {
    this.#alarms.stop();
    this.#clients.clear();
    this.#interests.clear();
  }

  /** A frame from the WAN; others' answers are passed over. */
  dhcpFrame({ destinationMac, destination, message }: Dhcp6Frame): void {
    if (this.#clients.get(destinationMac)?.linkLocal !== destination) return;
    this.#parts.onMessage?.("received", message.type);
    this.#parts.answered(exchangeOf(destinationMac, message.xid), destinationMac);
    this.input(destinationMac, { kind: "message", message });
  }

  input(mac: Mac, input: Dhcp6Input): void {
    const client = this.#clients.get(mac);
    if (!client) return;
    const result = step(client.state, input, this.#parts.clock.now(), this.#env(mac));
    client.state = result.state;
    this.#mind(mac, client, heldLease6(client.state)?.addresses.map(({ address }) => address) ?? []);
    this.#alarms.set(mac, result.wakeAt);
    for (const effect of result.effects) this.#carryOut(mac, client, effect);
  }

  /** Made anew for each step: the device may have told its name meanwhile. */
  #env(mac: Mac): Dhcp6Env {
    const { settings, rng, hostName, refuse } = this.#parts;
    const name = hostName(mac);
    return {
      mac,
      settings,
      rng,
      refuse: (address) => refuse(mac, address),
      ...(name ? { hostName: name } : {}),
    };
  }

  #carryOut(mac: Mac, client: Client, effect: Dhcp6Effect): void {
    const { send, onConfigure, onDeconfigure, onInformation, onEvent } = this.#parts;
    switch (effect.kind) {
      case "send":
        send("dhcp", dhcpFrame(mac, client.linkLocal, effect.message), {
          ...queueing(mac, client, effect.message),
          onSent: () => this.#parts.onMessage?.("sent", effect.message.type),
        });
        break;
      case "configure":
        onConfigure(mac, effect.lease);
        break;
      case "deconfigure":
        onDeconfigure(mac);
        break;
      case "information":
        onInformation(mac, effect.information);
        break;
      case "event":
        onEvent(mac, effect.event);
        break;
    }
  }

  #mind(mac: Mac, client: Client, ips: readonly Ip6[]): void {
    for (const ip of client.interests) if (this.#interests.get(ip) === mac) this.#interests.delete(ip);
    client.interests = ips;
    for (const ip of ips) this.#interests.set(ip, mac);
  }
}

const newClient = (mac: Mac, mode: Dhcp6Mode | undefined): Client => ({
  linkLocal: linkLocalOf(mac),
  mode,
  state: initialState6,
  interests: [],
});

/** However many devices ask in vain, their questions neither pile up nor hold up the message that keeps another's lease. */
function queueing(mac: Mac, client: Client, { type, xid }: Dhcp6Message): Queueing {
  // DHCPv4 waits in the same lane, and has messages of the same names.
  // A device may give back several addresses at once, each in an exchange of its own.
  const givesBack = type === "release" || type === "decline";
  const key = `DHCPv6 ${mac} ${type} ${givesBack ? xid : ""}`;
  const exchange = givesBack ? {} : { exchange: exchangeOf(mac, xid) };
  const asking = (): Row | undefined => {
    const { main } = client.state;
    return (main.tag === "soliciting" || main.tag === "asking") && main.exchange.xid === xid
      ? main.row
      : undefined;
  };
  const row = asking();
  if (!row) return { key, rank: "now", wanted: () => true, ...exchange };
  const rank = row.attempt === 1 ? "soon" : "later";
  return { key, rank, wanted: () => asking() !== undefined, ...exchange };
}

const exchangeOf = (mac: Mac, xid: number): Exchange => ({ servers: "DHCPv6", id: `${mac} ${xid}` });

const dhcpFrame = (mac: Mac, linkLocal: Ip6, message: Dhcp6Message): Uint8Array =>
  emitDhcp6Frame({
    sourceMac: mac,
    destinationMac: multicastMac(allDhcpServers),
    source: linkLocal,
    destination: allDhcpServers,
    sourcePort: dhcp6Ports.client,
    destinationPort: dhcp6Ports.server,
    message,
  });
