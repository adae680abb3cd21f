/** Tells the WAN which MAC an address of an identity is at, before anyone asks. */
import { allNodes, allRouters, type Ip6, multicastMac } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { NdFrame } from "../../wire/nd/message.ts";
import type { Queueing } from "../uplink/pacer.ts";

export interface AnnouncerParts {
  readonly send: (frame: NdFrame, queueing: Queueing) => void;
  /** Has the link hear of an address before it is spoken from. */
  readonly introduce: (mac: Mac, ip: Ip6) => void;
  /** Whether the identity may use the address still. */
  readonly holds: (mac: Mac, ip: Ip6) => boolean;
}

/**
 * `new`: to the routers, who make an entry if they have none (RFC 9131 section 4).
 * `moved`: to all nodes, who may have it in mind at another port of a switch, or under another MAC (RFC 4861 section 7.2.6).
 */
export type Announcement = "new" | "moved";

export class Announcer {
  readonly #parts: AnnouncerParts;
  /** Addresses that may not hold on the link as it is now: a switch that knows addresses would take it amiss. */
  readonly #doubtful = new Map<Ip6, Mac>();

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  announce(mac: Mac, ip: Ip6, how: Announcement): void {
    const { send, holds, introduce } = this.#parts;
    if (how === "moved") introduce(mac, ip);
    send(announcement(mac, ip, how), {
      key: `${mac} ${ip}`,
      rank: how === "new" ? "soon" : "later",
      wanted: () => holds(mac, ip),
    });
  }

  /** Announces the address, as one that moved, once routers vouch for it. */
  announceOnceSure(mac: Mac, ip: Ip6): void {
    this.#doubtful.set(ip, mac);
  }

  /** @param final what nobody vouches for now is not announced any more */
  settle(vouchedFor: (ip: Ip6) => boolean, final: boolean): void {
    for (const [ip, mac] of this.#doubtful) {
      if (!vouchedFor(ip)) continue;
      this.#doubtful.delete(ip);
      if (this.#parts.holds(mac, ip)) this.announce(mac, ip, "moved");
    }
    if (final) this.#doubtful.clear();
  }
}

function announcement(mac: Mac, ip: Ip6, how: Announcement): NdFrame {
  const destination = how === "new" ? allRouters : allNodes;
  return {
    sourceMac: mac,
    destinationMac: multicastMac(destination),
    source: ip,
    destination,
    message: {
      kind: "neighbour-advert",
      target: ip,
      router: false,
      solicited: false,
      override: how === "moved",
      targetMac: mac,
    },
  };
}
