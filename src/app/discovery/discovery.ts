/** Notices devices on the LAN: by their frames, by the kernel's neighbour table, by dnsmasq's leases. */

import { messageOf } from "../../base/errors.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { parseIp4 } from "../../base/ip4.ts";
import { type Mac, parseMac } from "../../base/mac.ts";
import type { Kernel, KernelEvent } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import type { PacketLink, PacketLinks } from "../../ports/packet-link.ts";
import { emitArpRequest } from "../../wire/arp.ts";
import { arpOrUdpTo } from "../../wire/bpf.ts";
import { dhcp4Ports } from "../../wire/dhcp4/frame.ts";
import { type Sighting, sightingIn } from "./lan-frames.ts";

export interface DiscoveryParts {
  readonly links: PacketLinks;
  readonly kernel: Kernel;
  readonly log: Log;
  readonly lanPort: string;
  readonly onSighting: (sighting: Sighting) => void;
}

export class Discovery {
  readonly #parts: DiscoveryParts;
  #link: PacketLink | undefined;

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { links, lanPort, onSighting } = this.#parts;
    this.#link = await links.open(lanPort, arpOrUdpTo(dhcp4Ports.server), (frame) => {
      const sighting = sightingIn(frame);
      if (sighting) onSighting(sighting);
    });
  }

  async stop(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  /** The safety net: the whole neighbour table of the LAN port. */
  async poll(): Promise<void> {
    const { kernel, lanPort, log } = this.#parts;
    try {
      const entries = await kernel.ipJson(["-4", "neighbour", "show", "dev", lanPort]);
      if (!Array.isArray(entries)) return;
      for (const { dst, lladdr, state } of entries)
        this.#neighbour(dst, lladdr, Array.isArray(state) ? state : [], false);
    } catch (thrown) {
      log.warn(`the neighbour table cannot be read: ${messageOf(thrown)}`);
    }
  }

  kernelEvent(event: KernelEvent): void {
    if (event.kind === "neighbour" && event.ifname === this.#parts.lanPort) {
      this.#neighbour(event.ip, event.mac, [event.state], event.state === "REACHABLE");
    }
  }

  /** Asks a device for a sign of life, in the gateway's name. */
  askAfter(gateway: { readonly mac: Mac; readonly ip: Ip4 }, mac: Mac, ip: Ip4): void {
    try {
      this.#link?.send(emitArpRequest({ senderMac: gateway.mac, senderIp: gateway.ip, targetIp: ip }, mac));
    } catch (thrown) {
      this.#parts.log.debug(`cannot ask after ${mac}: ${messageOf(thrown)}`);
    }
  }

  /**
   * Only the change to REACHABLE says that the device was heard just now: the state lasts up to 45 s. FAILED and INCOMPLETE say that
   * nobody was.
   */
  #neighbour(ipText: unknown, macText: unknown, states: readonly unknown[], alive: boolean): void {
    if (typeof ipText !== "string" || typeof macText !== "string") return;
    if (states.some((s) => s === "FAILED" || s === "INCOMPLETE" || s === "PERMANENT" || s === "NOARP"))
      return;
    const ip = parseIp4(ipText);
    const mac = parseMac(macText);
    if (!ip.ok || !mac.ok) return;
    this.#parts.onSighting({
      mac: mac.value,
      ip: ip.value,
      alive,
      how: "neighbour",
    });
  }
}
