/**
 * Keeps back, in the reader thread, what tells nothing new: each router advertisement has the kernel tell of every IPv6 address anew, and each identity that comes or goes of
 * the port below it, many times over. With a thousand identities that is nearly all it tells.
 */
import { addressFields, linkFields, neighbourFields } from "./fields.ts";
import { inet6, type Message, messagesIn, multi, newAddress, newLink, newNeighbour } from "./message.ts";

/** STALE, DELAY and PROBE. */
const idle = 0x04 | 0x08 | 0x10;

/** An IPv6 address of an interface, in four numbers, as it was told last. */
interface Known {
  readonly words: readonly [number, number, number, number];
  state: number;
}

export class Sieve {
  /** Of an interface, as it was told last. */
  readonly #links = new Map<number, string>();
  /** Of an interface; it has a few. */
  readonly #addresses = new Map<number, Known[]>();
  /** MACs, by interface and IPv4 address. */
  readonly #neighbours = new Map<number, number>();

  /** Whether a datagram tells anything that the events before it did not. */
  passes(datagram: Uint8Array): boolean {
    let isNews = false;
    for (const message of messagesIn(datagram)) if (this.#isNews(message)) isNews = true;
    return isNews;
  }

  /** Takes everything for news. */
  clear(): void {
    this.#links.clear();
    this.#addresses.clear();
    this.#neighbours.clear();
  }

  #isNews(message: Message): boolean {
    if ((message.flags & multi) !== 0) return true;
    switch (message.type) {
      case newLink:
        return this.#isNewLink(message);
      case newLink + 1:
        return this.#forget(message);
      case newAddress:
        return this.#isNewAddress(message);
      case newAddress + 1:
        return this.#forgetAddress(message);
      case newNeighbour:
      case newNeighbour + 1:
        return this.#isNewNeighbour(message);
      default:
        return true;
    }
  }

  #isNewLink(message: Message): boolean {
    const link = linkFields(message);
    if (!link) return true;
    const text = `${link.name} ${link.flags} ${link.mtu} ${link.group}`;
    if (this.#links.get(link.index) === text) return false;
    this.#links.set(link.index, text);
    return true;
  }

  #forget(message: Message): boolean {
    const index = linkFields(message)?.index ?? 0;
    this.#links.delete(index);
    this.#addresses.delete(index);
    return true;
  }

  /** Devices on the LAN are noticed by IPv4. That one answered is news each time; that it has not been asked lately, or is being asked, is not. */
  #isNewNeighbour(message: Message): boolean {
    const neighbour = neighbourFields(message);
    if (!neighbour) return false;
    const { index, ip, mac, state } = neighbour;
    const key = index * 2 ** 32 + ip;
    const known = this.#neighbours.get(key);
    if (message.type !== newNeighbour || mac === undefined) this.#neighbours.delete(key);
    else this.#neighbours.set(key, mac);
    return message.type !== newNeighbour || known !== mac || mac === undefined || (state & idle) === 0;
  }

  #isNewAddress(message: Message): boolean {
    const address = addressFields(message);
    if (address?.family !== inet6) return true;
    const { index, flags, prefixLength, ipAt } = address;
    const { body } = message;
    const state = flags * 256 + prefixLength;
    const known = this.#addresses.get(index);
    const before = known?.find((one) => isOf(one, body, ipAt));
    if (before?.state === state) return false;
    if (before) before.state = state;
    else this.#addresses.set(index, [...(known ?? []), { words: wordsOf(body, ipAt), state }]);
    return true;
  }

  #forgetAddress(message: Message): boolean {
    const address = addressFields(message);
    const known = address && this.#addresses.get(address.index);
    if (known && address.family === inet6)
      this.#addresses.set(
        address.index,
        known.filter((one) => !isOf(one, message.body, address.ipAt)),
      );
    return true;
  }
}

const wordsOf = (body: DataView, at: number): Known["words"] => [
  ...([body.getUint32(at), body.getUint32(at + 4)] as const),
  ...([body.getUint32(at + 8), body.getUint32(at + 12)] as const),
];

const isOf = ({ words }: Known, body: DataView, at: number): boolean =>
  words[3] === body.getUint32(at + 12) &&
  words[2] === body.getUint32(at + 8) &&
  words[1] === body.getUint32(at + 4) &&
  words[0] === body.getUint32(at);
