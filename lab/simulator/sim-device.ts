import type { Ip4 } from "../../src/base/ip4.ts";
import { anyIp4, broadcastIp4 } from "../../src/base/ip4.ts";
import { broadcastMac, type Mac, macToBytes } from "../../src/base/mac.ts";
import { emitArpAnnouncement, emitArpRequest } from "../../src/wire/arp.ts";
import { dhcp4Ports, emitDhcp4Frame } from "../../src/wire/dhcp4/frame.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../src/wire/dhcp4/message.ts";

/** The LAN port as a device uses it. */
export interface Port {
  send(frame: Uint8Array): void;
}

export interface Naming {
  readonly hostName: string | undefined;
  readonly vendorClass: string | undefined;
}

const retryMs = 1_000;

/** One simulated device: a plain DHCP client of its own (not the gateway's machine), its address and its router's MAC. */
export class SimDevice {
  ip: Ip4 | undefined;
  router: Ip4 | undefined;
  routerMac: Mac | undefined;
  startedAt: number | undefined;
  boundAt: number | undefined;
  acks = 0;
  naks = 0;
  dhcpSent = 0;
  #xid: number;
  #offer: { readonly ip: Ip4; readonly server: Ip4 | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly mac: Mac,
    readonly index: number,
    readonly naming: Naming,
    private readonly port: Port,
  ) {
    this.#xid = (0x5a000000 + index) >>> 0;
  }

  startDhcp(): void {
    this.startedAt ??= performance.now();
    this.#offer = undefined;
    this.#ask();
  }

  startStatic(ip: Ip4, router: Ip4): void {
    this.startedAt = performance.now();
    this.#bind(ip, router);
  }

  /** Speaks no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.ip = undefined;
  }

  announce(): void {
    if (this.ip !== undefined) this.port.send(emitArpAnnouncement(this.mac, this.ip));
  }

  askForRouter(): void {
    if (this.ip === undefined || this.router === undefined) return;
    this.port.send(emitArpRequest({ senderMac: this.mac, senderIp: this.ip, targetIp: this.router }));
  }

  onDhcp(message: Dhcp4Message): void {
    if (message.xid !== this.#xid || message.op !== "reply") return;
    const { messageType, serverId, routers } = message.options;
    if (messageType === "offer" && this.#offer === undefined) {
      this.#offer = { ip: message.yiaddr, server: serverId };
      this.#ask();
    } else if (messageType === "ack") {
      this.acks++;
      clearTimeout(this.#timer);
      this.#bind(message.yiaddr, routers?.[0]);
    } else if (messageType === "nak") {
      this.naks++;
      this.#xid = (this.#xid + 0x10000) >>> 0;
      clearTimeout(this.#timer);
      // dnsmasq offers one address to several that ask at once, and refuses all but one: they must not come back in step.
      this.#timer = setTimeout(() => this.startDhcp(), 100 + Math.random() * 900);
    }
  }

  #bind(ip: Ip4, router: Ip4 | undefined): void {
    this.ip = ip;
    this.router = router;
    this.boundAt = performance.now();
    this.announce();
    this.askForRouter();
  }

  /** DISCOVER, or REQUEST once there is an offer; again each second until answered, from the beginning after three times. */
  #ask(times = 0): void {
    clearTimeout(this.#timer);
    if (times >= 3) this.#offer = undefined;
    const offer = this.#offer;
    const options: Dhcp4Options =
      offer === undefined
        ? { messageType: "discover" }
        : {
            messageType: "request",
            requestedAddress: offer.ip,
            ...(offer.server === undefined ? {} : { serverId: offer.server }),
          };
    this.#send(options);
    this.#timer = setTimeout(() => this.#ask(times >= 3 ? 0 : times + 1), retryMs + (this.index % 250));
  }

  #send(options: Dhcp4Options): void {
    const { hostName, vendorClass } = this.naming;
    const message: Dhcp4Message = {
      op: "request",
      hops: 0,
      xid: this.#xid,
      secs: 0,
      broadcast: false,
      ciaddr: anyIp4,
      yiaddr: anyIp4,
      siaddr: anyIp4,
      giaddr: anyIp4,
      chaddr: this.mac,
      options: {
        ...options,
        ...(hostName === undefined ? {} : { hostName }),
        ...(vendorClass === undefined ? {} : { vendorClass: Buffer.from(vendorClass, "latin1") }),
        clientId: Uint8Array.of(1, ...macToBytes(this.mac)),
        parameterList: [1, 3, 6, 12, 15, 28, 42],
      },
      unknown: new Map(),
      malformed: [],
    };
    this.dhcpSent++;
    this.port.send(
      emitDhcp4Frame({
        sourceMac: this.mac,
        destinationMac: broadcastMac,
        sourceIp: anyIp4,
        destinationIp: broadcastIp4,
        sourcePort: dhcp4Ports.client,
        destinationPort: dhcp4Ports.server,
        message,
      }),
    );
  }
}
