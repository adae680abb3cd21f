import type { Ip4 } from "../../src/base/ip4.ts";
import { broadcastMac, type Mac } from "../../src/base/mac.ts";
import type { PacketLink, PacketLinks } from "../../src/ports/packet-link.ts";
import { emitArpReply, parseArpFrame } from "../../src/wire/arp.ts";
import { dhcp4Ports } from "../../src/wire/dhcp4/frame.ts";
import { parseDhcp4 } from "../../src/wire/dhcp4/parse.ts";
import { emitEthernet, etherTypes, parseEthernet } from "../../src/wire/ethernet.ts";
import { emitIpv4, type Ipv4, ipProtocols, parseIpv4 } from "../../src/wire/ipv4.ts";
import { emitUdp, parseUdp, type Udp } from "../../src/wire/udp.ts";
import { type Echo, emitEcho, parseEcho } from "./icmp.ts";
import type { SimDevice } from "./sim-device.ts";

/** Answers that traffic waits for. */
export interface Arrivals {
  echo(device: SimDevice, echo: Echo): void;
  udp(device: SimDevice, datagram: Udp): void;
}

/** Everything the port hears: the simulator drops what is for others by itself. */
const everything = [{ code: 0x06, jt: 0, jf: 0, k: 0x40000 }];
const echoPort = 7;

/** The LAN port that all simulated devices share: answers ARP, ICMP echo and UDP echo for them, hands DHCP to each. */
export class SimHost {
  readonly byMac = new Map<Mac, SimDevice>();
  arpAnswered = 0;
  echoesAnswered = 0;
  arrivals: Arrivals | undefined;
  #link: PacketLink | undefined;
  /** Frames the kernel had no room for; sent again in order. */
  readonly #queue: Uint8Array[] = [];

  async open(links: PacketLinks, ifname: string): Promise<void> {
    this.#link = await links.open(ifname, everything, (frame) => this.#onFrame(frame));
  }

  async close(): Promise<void> {
    for (const device of this.byMac.values()) device.stop();
    await this.#link?.close();
  }

  send(frame: Uint8Array): void {
    this.#queue.push(frame);
    if (this.#queue.length === 1) this.#drain();
  }

  #drain(): void {
    for (let frame = this.#queue[0]; frame !== undefined; frame = this.#queue[0]) {
      try {
        this.#link?.send(frame);
      } catch {
        setTimeout(() => this.#drain(), 5);
        return;
      }
      this.#queue.shift();
    }
  }

  /** Sends an IPv4 packet of a device by way of its router. */
  sendIp(device: SimDevice, packet: Pick<Ipv4, "destination" | "protocol" | "payload">): boolean {
    if (device.ip === undefined || device.routerMac === undefined) return false;
    this.#sendTo(device, device.routerMac, packet);
    return true;
  }

  #sendTo(device: SimDevice, to: Mac, packet: Pick<Ipv4, "destination" | "protocol" | "payload">): void {
    if (device.ip === undefined) return;
    const payload = emitIpv4({ source: device.ip, ttl: 64, ...packet });
    this.send(emitEthernet({ destination: to, source: device.mac, etherType: etherTypes.ipv4, payload }));
  }

  #onFrame(bytes: Uint8Array): void {
    const parsed = parseEthernet(bytes);
    if (!parsed.ok) return;
    const { etherType, destination, source, payload } = parsed.value;
    if (etherType === etherTypes.arp) {
      this.#onArp(bytes);
      return;
    }
    if (etherType !== etherTypes.ipv4) return;
    const device = this.byMac.get(destination);
    if (device === undefined && destination !== broadcastMac) return;
    const packet = parseIpv4(payload);
    if (!packet.ok) return;
    if (device === undefined) this.#onBroadcast(packet.value);
    else this.#onIp(device, source, packet.value);
  }

  /** Servers say NAK to everyone (RFC 2131 section 4.3.2): the message itself names the device. */
  #onBroadcast(packet: Ipv4): void {
    if (packet.protocol !== ipProtocols.udp) return;
    const datagram = parseUdp(packet.payload, packet);
    if (!datagram.ok || datagram.value.destinationPort !== dhcp4Ports.client) return;
    const message = parseDhcp4(datagram.value.payload);
    if (message.ok) this.byMac.get(message.value.chaddr)?.onDhcp(message.value);
  }

  #onArp(bytes: Uint8Array): void {
    const parsed = parseArpFrame(bytes);
    if (!parsed.ok) return;
    const { arp } = parsed.value;
    if (arp.operation === "reply") {
      const device = this.byMac.get(arp.targetMac);
      if (device !== undefined && device.router === arp.senderIp) device.routerMac = arp.senderMac;
      return;
    }
    const device = this.#holderOf(arp.targetIp);
    if (device?.ip === undefined || device.mac === arp.senderMac) return;
    this.arpAnswered++;
    this.send(
      emitArpReply({
        senderMac: device.mac,
        senderIp: device.ip,
        targetMac: arp.senderMac,
        targetIp: arp.senderIp,
      }),
    );
  }

  readonly #byIp = new Map<Ip4, SimDevice>();

  /** Addresses change rarely, so the index is mended when it misses or is out of date. */
  #holderOf(ip: Ip4): SimDevice | undefined {
    const known = this.#byIp.get(ip);
    if (known?.ip === ip) return known;
    this.#byIp.clear();
    for (const device of this.byMac.values()) if (device.ip !== undefined) this.#byIp.set(device.ip, device);
    return this.#byIp.get(ip);
  }

  #onIp(device: SimDevice, from: Mac, packet: Ipv4): void {
    if (packet.protocol === ipProtocols.icmp) this.#onIcmp(device, from, packet);
    if (packet.protocol === ipProtocols.udp) this.#onUdp(device, from, packet);
  }

  #onIcmp(device: SimDevice, from: Mac, packet: Ipv4): void {
    const echo = parseEcho(packet.payload);
    if (echo === undefined || packet.destination !== device.ip) return;
    if (echo.kind === "reply") {
      this.arrivals?.echo(device, echo);
      return;
    }
    this.echoesAnswered++;
    const payload = emitEcho({ ...echo, kind: "reply" });
    this.#sendTo(device, from, { destination: packet.source, protocol: ipProtocols.icmp, payload });
  }

  #onUdp(device: SimDevice, from: Mac, packet: Ipv4): void {
    const datagram = parseUdp(packet.payload, packet);
    if (!datagram.ok) return;
    const { sourcePort, destinationPort, payload } = datagram.value;
    if (destinationPort === dhcp4Ports.client) {
      const message = parseDhcp4(payload);
      if (message.ok) device.onDhcp(message.value);
      return;
    }
    if (packet.destination !== device.ip) return;
    if (destinationPort !== echoPort) {
      this.arrivals?.udp(device, datagram.value);
      return;
    }
    this.echoesAnswered++;
    const addresses = { source: device.ip, destination: packet.source };
    const answer = emitUdp({ sourcePort: echoPort, destinationPort: sourcePort, payload }, addresses);
    this.#sendTo(device, from, { destination: packet.source, protocol: ipProtocols.udp, payload: answer });
  }
}
