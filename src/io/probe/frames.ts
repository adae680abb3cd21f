/** Questions in whole frames: who serves DHCP on the LAN, and whether a router answers an identity. */
import { setTimeout as sleep } from "node:timers/promises";
import { anyIp4, broadcastIp4, type Ip4 } from "../../base/ip4.ts";
import { broadcastMac, type Mac } from "../../base/mac.ts";
import type { PacketLinks } from "../../ports/packet-link.ts";
import { emitArpRequest, parseArpFrame } from "../../wire/arp.ts";
import { arpOrUdpTo } from "../../wire/bpf.ts";
import { dhcp4Ports, emitDhcp4Frame, parseDhcp4Frame } from "../../wire/dhcp4/frame.ts";

export interface Offer {
  readonly server: Ip4;
  readonly mac: Mac;
  readonly offered: Ip4;
}

export interface DiscoverPlace {
  readonly ifname: string;
  readonly mac: Mac;
  /** Names the exchange (RFC 2131 section 2). */
  readonly xid: number;
}

/**
 * Sends one DHCPDISCOVER, and gives the offers that come within the time. A server of this machine does not hear it. The offers are not taken:
 * the addresses stay free. Errors: as of PacketLinks.open and PacketLink.send.
 */
export async function discover(
  links: PacketLinks,
  { ifname, mac, xid }: DiscoverPlace,
  waitMs: number,
): Promise<readonly Offer[]> {
  const offers = new Map<string, Offer>();
  const link = await links.open(ifname, arpOrUdpTo(dhcp4Ports.client), (frame) => {
    const parsed = parseDhcp4Frame(frame);
    if (!parsed.ok) return;
    const { message, sourceMac, sourceIp } = parsed.value;
    if (message.op !== "reply" || message.xid !== xid || message.options.messageType !== "offer") return;
    const server = message.options.serverId ?? sourceIp;
    offers.set(`${server} ${sourceMac}`, { server, mac: sourceMac, offered: message.yiaddr });
  });
  try {
    link.send(discoverFrame(mac, xid));
    await sleep(waitMs);
  } finally {
    await link.close();
  }
  return [...offers.values()];
}

const discoverFrame = (mac: Mac, xid: number): Uint8Array =>
  emitDhcp4Frame({
    sourceMac: mac,
    destinationMac: broadcastMac,
    sourceIp: anyIp4,
    destinationIp: broadcastIp4,
    sourcePort: dhcp4Ports.client,
    destinationPort: dhcp4Ports.server,
    message: {
      ...{ op: "request", hops: 0, xid, secs: 0, broadcast: true, chaddr: mac },
      ...{ ciaddr: anyIp4, yiaddr: anyIp4, siaddr: anyIp4, giaddr: anyIp4 },
      options: { messageType: "discover", parameterList: [1, 3, 6, 51, 54] },
      unknown: new Map(),
      malformed: [],
    },
  });

export interface ArpQuestion {
  readonly ifname: string;
  readonly mac: Mac;
  readonly ip: Ip4;
  readonly router: Ip4;
}

export interface ArpAnswer extends ArpQuestion {
  readonly answers: readonly Mac[];
  readonly rivals: readonly Mac[];
}

/** Asks three times at most: answers get lost, and come late where the router has much to do. */
const TRIES = 3;

/**
 * Asks for the router as the kernel would in the identity's name, and listens who answers. A link that is down is no answer. Errors: as of
 * PacketLinks.open.
 */
export async function askRouter(links: PacketLinks, asked: ArpQuestion, waitMs: number): Promise<ArpAnswer> {
  const answers = new Set<Mac>();
  const rivals = new Set<Mac>();
  const link = await links.open(asked.ifname, arpOrUdpTo(dhcp4Ports.client), (frame) => {
    const parsed = parseArpFrame(frame);
    if (!parsed.ok) return;
    const { operation, senderIp, senderMac } = parsed.value.arp;
    if (senderIp === asked.router && operation === "reply") answers.add(senderMac);
    if (senderIp === asked.ip && senderMac !== asked.mac) rivals.add(senderMac);
  });
  try {
    for (let n = 0; n < TRIES && answers.size === 0; n++) {
      try {
        link.send(emitArpRequest({ senderMac: asked.mac, senderIp: asked.ip, targetIp: asked.router }));
      } catch {
        // Nobody can answer what is not sent: a link that is down, or a limit that has room again a moment later.
      }
      await sleep(waitMs / TRIES);
    }
  } finally {
    await link.close();
  }
  return { ...asked, answers: [...answers], rivals: [...rivals] };
}

/** Who speaks ARP on an interface while a task runs, as `MAC IP` of the senders. Errors: as of PacketLinks.open, and the task's. */
export async function overhearArp<T>(
  links: PacketLinks,
  ifname: string,
  task: () => Promise<T>,
): Promise<{ readonly result: T; readonly senders: ReadonlySet<string> }> {
  const senders = new Set<string>();
  const link = await links.open(ifname, arpOrUdpTo(dhcp4Ports.client), (frame) => {
    const parsed = parseArpFrame(frame);
    if (parsed.ok) senders.add(`${parsed.value.arp.senderMac} ${parsed.value.arp.senderIp}`);
  });
  try {
    return { result: await task(), senders };
  } finally {
    await link.close();
  }
}
