/** Netlink messages (RFC 3549, <linux/netlink.h>, <linux/rtnetlink.h>) as far as the kernel's events need them; all machines we run on are little-endian. */

/** Types, of what is new or changed; what is gone has the number that follows. */
export const newLink = 16;
export const newAddress = 20;
export const newRoute = 24;
export const newNeighbour = 28;
export const newRule = 32;
export const newNetconf = 80;

/** Families of addresses. */
export const inet4 = 2;
export const inet6 = 10;

const getLink = 18;
/** One of many that answer a question, and no event. */
export const multi = 2;
const requestDump = 0x301;

const headerBytes = 16;
const linkBytes = 16;
const maskAttribute = 29;
/** `RTEXT_FILTER_SKIP_STATS`: they are two thirds of the answer. */
const withoutCounters = 8;

export interface Message {
  readonly type: number;
  readonly flags: number;
  /** What follows the header. */
  readonly body: DataView;
}

const aligned = (length: number): number => (length + 3) & ~3;

/** The messages of one datagram; what is cut off at its end is left out. */
export function messagesIn(datagram: Uint8Array): readonly Message[] {
  const messages: Message[] = [];
  const { buffer, byteOffset } = datagram;
  const view = new DataView(buffer, byteOffset, datagram.length);
  for (let at = 0; at + headerBytes <= datagram.length; ) {
    const length = view.getUint32(at, true);
    if (length < headerBytes || at + length > datagram.length) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      body: new DataView(buffer, byteOffset + at + headerBytes, length - headerBytes),
    });
    at += aligned(length);
  }
  return messages;
}

/**
 * Where the value of the first attribute of this type begins, in a body whose fixed part is so many bytes long; undefined: there is none, or none of so many
 * bytes.
 */
export function attributeAt(
  { body }: Message,
  fixedBytes: number,
  type: number,
  shortest = 0,
): number | undefined {
  for (let at = fixedBytes; at + 4 <= body.byteLength; ) {
    const length = body.getUint16(at, true);
    if (length < 4 || at + length > body.byteLength) return undefined;
    // The upper two bits tell of nesting and byte order.
    if ((body.getUint16(at + 2, true) & 0x3fff) === type) return length - 4 < shortest ? undefined : at + 4;
    at += aligned(length);
  }
  return undefined;
}

/** Its value. */
export function attribute(message: Message, fixedBytes: number, type: number): DataView | undefined {
  const { body } = message;
  const at = attributeAt(message, fixedBytes, type);
  if (at === undefined) return undefined;
  return new DataView(body.buffer, body.byteOffset + at, body.getUint16(at - 4, true) - 4);
}

/** Of an attribute that holds one; undefined where it is absent or too short. */
export const number32 = (value: DataView | undefined): number | undefined =>
  value && value.byteLength >= 4 ? value.getUint32(0, true) : undefined;

export const bytesOf = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Asks for all interfaces; the answers are `newLink`, `multi`. */
export function linksRequest(): Uint8Array {
  const bytes = new Uint8Array(headerBytes + linkBytes + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, getLink, true);
  view.setUint16(6, requestDump, true);
  view.setUint16(headerBytes + linkBytes, 8, true);
  view.setUint16(headerBytes + linkBytes + 2, maskAttribute, true);
  view.setUint32(headerBytes + linkBytes + 4, withoutCounters, true);
  return bytes;
}
