/** A DHCP server as a function from frame to answer, and frames as devices and servers send them. */
import { anyIp4, broadcastIp4, type Ip4, parseIp4 } from "../../src/base/ip4.ts";
import { broadcastMac, type Mac, parseMac } from "../../src/base/mac.ts";
import { must } from "../../src/base/parsed.ts";
import { type Dhcp4Frame, dhcp4Ports, emitDhcp4Frame, parseDhcp4Frame } from "../../src/wire/dhcp4/frame.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../src/wire/dhcp4/message.ts";

const ip = (text: string): Ip4 => must(parseIp4(text));
const serverIp = ip("192.0.2.1");
export const serverMac: Mac = must(parseMac("00:aa:00:00:00:01"));

/** A message as a client on the LAN broadcasts it. */
export function clientFrame(
  chaddr: Mac,
  options: Dhcp4Options,
  over: Partial<Dhcp4Message> = {},
): Uint8Array {
  return emitDhcp4Frame({
    sourceMac: chaddr,
    destinationMac: broadcastMac,
    sourceIp: anyIp4,
    destinationIp: broadcastIp4,
    sourcePort: dhcp4Ports.client,
    destinationPort: dhcp4Ports.server,
    message: {
      op: "request",
      hops: 0,
      xid: 7,
      secs: 0,
      broadcast: false,
      ciaddr: anyIp4,
      yiaddr: anyIp4,
      siaddr: anyIp4,
      giaddr: anyIp4,
      chaddr,
      options,
      unknown: new Map(),
      malformed: [],
      ...over,
    },
  });
}

export class DhcpServer {
  /** What was asked: `DISCOVER 00:11:…`, in order. */
  readonly heard: string[] = [];
  /** Overrides for OFFER and ACK. */
  options: Dhcp4Options = {};
  /** Whether it answers at all. */
  away = false;

  /** The addresses it gives; a MAC that is not here gets no answer. */
  constructor(readonly addresses: Map<Mac, Ip4>) {}

  /** The answer to one frame, or undefined. */
  answer(frame: Uint8Array): Uint8Array | undefined {
    const parsed = parseDhcp4Frame(frame);
    if (!parsed.ok) return undefined;
    const asked = parsed.value;
    const { chaddr, options, ciaddr } = asked.message;
    const type = options.messageType ?? "?";
    const wanted = ciaddr === anyIp4 ? options.requestedAddress : ciaddr;
    const name = type === "request" && !options.serverId ? "REQUEST again" : type.toUpperCase();
    this.heard.push(`${name} ${chaddr}${wanted ? ` ${wanted}` : ""}`);
    const address = this.addresses.get(chaddr);
    if (this.away || !address) return undefined;
    if (type === "discover") return this.#reply(asked, address, "offer");
    if (type !== "request") return undefined;
    return wanted === address ? this.#reply(asked, address, "ack") : this.#reply(asked, anyIp4, "nak");
  }

  #reply({ message, sourceMac }: Dhcp4Frame, yiaddr: Ip4, messageType: "offer" | "ack" | "nak"): Uint8Array {
    const granted: Dhcp4Options = {
      leaseTime: 3600,
      subnetMask: ip("255.255.255.0"),
      routers: [serverIp],
      dnsServers: [ip("192.0.2.53")],
      ...this.options,
    };
    return emitDhcp4Frame({
      sourceMac: serverMac,
      destinationMac: sourceMac,
      sourceIp: serverIp,
      destinationIp: yiaddr === anyIp4 ? broadcastIp4 : yiaddr,
      sourcePort: dhcp4Ports.server,
      destinationPort: dhcp4Ports.client,
      message: {
        ...message,
        op: "reply",
        secs: 0,
        yiaddr,
        options: { serverId: serverIp, ...(messageType === "nak" ? {} : granted), messageType },
      },
    });
  }
}
