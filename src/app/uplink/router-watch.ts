/** Knows the MACs of the routers that leases name: one resolution for all identities, refreshed, so that the kernel needs none. */
import { anyIp4, type Ip4 } from "../../base/ip4.ts";
import { broadcastMac, type Mac } from "../../base/mac.ts";
import { between, type Instant, instant, seconds } from "../../base/time.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import { type Arp, emitArpProbe, emitArpRequest } from "../../wire/arp.ts";

/** An identity in whose name the question may be asked. */
export interface Asker {
  readonly mac: Mac;
  readonly ip: Ip4;
}

export interface RouterWatchParts {
  readonly clock: Clock;
  readonly send: (frame: Uint8Array) => void;
  /** Someone with an address who uses this router, or undefined when nobody does any more. */
  readonly asker: (router: Ip4) => Asker | undefined;
  /** A router's MAC became known, changed, or is no longer known. */
  readonly onChange: (router: Ip4, mac: Mac | undefined, was: Mac | undefined) => void;
}

interface Watched {
  mac: Mac | undefined;
  heardAt: Instant;
  /** Questions since it was last heard. */
  asked: number;
  /** The link may lead elsewhere: asked without naming an address of ours, which there would be a stranger's (RFC 5227 section 2.1). */
  suspect: boolean;
}

const refreshAfter = seconds(30);
const tick = seconds(1);
/** Unanswered questions to its known MAC before everyone is asked; as many again before the MAC is given up. */
const patience = 3;

export class RouterWatch {
  readonly #parts: RouterWatchParts;
  readonly #routers = new Map<Ip4, Watched>();
  #timer: Cancel | undefined;

  constructor(parts: RouterWatchParts) {
    this.#parts = parts;
  }

  /** The MACs known now. */
  known(): ReadonlyMap<Ip4, Mac> {
    const known = new Map<Ip4, Mac>();
    for (const [ip, { mac }] of this.#routers) if (mac) known.set(ip, mac);
    return known;
  }

  /** Watches `router`; `hint` is a MAC that was heard speaking for it. */
  want(router: Ip4, hint?: Mac): void {
    // 0.0.0.0 stands for an on-link route.
    if (router === anyIp4 || this.#routers.has(router)) return;
    const now = this.#parts.clock.now();
    this.#routers.set(router, {
      mac: hint,
      heardAt: hint ? now : instant(Number.NEGATIVE_INFINITY),
      asked: 0,
      suspect: false,
    });
    if (hint) this.#parts.onChange(router, hint, undefined);
    else this.#ask(router);
    this.#timer ??= this.#parts.clock.after(tick, () => this.#tick());
  }

  /** ARP heard on the WAN from a station that is none of ours. */
  heard({ senderIp, senderMac }: Arp): void {
    const watched = this.#routers.get(senderIp);
    if (!watched) return;
    const was = watched.mac;
    watched.mac = senderMac;
    watched.heardAt = this.#parts.clock.now();
    watched.asked = 0;
    watched.suspect = false;
    if (was !== senderMac) this.#parts.onChange(senderIp, senderMac, was);
  }

  /** The link may lead to another network: every router shows within a few seconds that it is still there. */
  suspectAll(): void {
    for (const [router, watched] of this.#routers) {
      watched.heardAt = instant(Number.NEGATIVE_INFINITY);
      watched.asked = patience;
      watched.suspect = true;
      this.#ask(router);
    }
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#routers.clear();
  }

  #tick(): void {
    const now = this.#parts.clock.now();
    for (const [router, watched] of this.#routers) {
      if (between(watched.heardAt, now) >= refreshAfter) this.#ask(router);
    }
    this.#timer = this.#routers.size > 0 ? this.#parts.clock.after(tick, () => this.#tick()) : undefined;
  }

  #ask(router: Ip4): void {
    const watched = this.#routers.get(router);
    const asker = this.#parts.asker(router);
    if (!watched) return;
    if (!asker) {
      // That nobody needs it any more says nothing of the router.
      this.#routers.delete(router);
      return;
    }
    if (watched.mac && watched.asked >= 2 * patience) {
      const was = watched.mac;
      watched.mac = undefined;
      this.#parts.onChange(router, undefined, was);
    }
    const to = watched.mac && watched.asked < patience ? watched.mac : broadcastMac;
    watched.asked++;
    // A router that is away is asked every second at first, then ever less often.
    if (watched.asked > 4 * patience && watched.asked % 30 !== 0) return;
    const { mac: senderMac, ip: senderIp } = asker;
    const frame = watched.suspect
      ? emitArpProbe(senderMac, router)
      : emitArpRequest({ senderMac, senderIp, targetIp: router }, to);
    this.#parts.send(frame);
  }
}
