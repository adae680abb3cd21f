/**
 * The kernel checks an address once, when it is made, and tells of an optimistic one (RFC 4429) before the question is out, which may be late while many addresses
 * are made. A switch with source guard learns addresses from that check (RFC 6620), and one at the other end of a moved cable, or one that did not yet
 * know the MAC, has not heard it: so the question is asked again before we speak from the address there for the first time.
 */
import { anyIp6, type Ip6, linkLocalOf, multicastMac, solicitedNode } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { NdFrame } from "../../wire/nd/message.ts";

export class Introductions {
  readonly #send: (frame: NdFrame) => void;
  /** Whose link-local address the link has heard of. */
  readonly #known = new Set<Mac>();

  constructor(send: (frame: NdFrame) => void) {
    this.#send = send;
  }

  /** The link may be another one. */
  linkChanged(): void {
    this.#known.clear();
  }

  forget(mac: Mac): void {
    this.#known.delete(mac);
  }

  /** Before something is sent from the device's link-local address. */
  before(mac: Mac): void {
    if (!this.#known.has(mac)) this.again(mac);
  }

  /** The same once more: what was sent so far had no answer. */
  again(mac: Mac): void {
    this.#known.add(mac);
    this.#send(probe(mac, linkLocalOf(mac)));
  }

  /** Before something is sent from another address of it, after the link has changed. */
  address(mac: Mac, ip: Ip6): void {
    this.#send(probe(mac, ip));
  }
}

/** As duplicate address detection asks (RFC 4862 section 5.4.2). */
function probe(mac: Mac, target: Ip6): NdFrame {
  const destination = solicitedNode(target);
  return {
    sourceMac: mac,
    destinationMac: multicastMac(destination),
    source: anyIp6,
    destination,
    message: { kind: "neighbour-solicit", target },
  };
}
