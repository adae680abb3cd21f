/** What the kernel tells of interfaces and addresses, field by field: for the sieve and for the events. */
import { attribute, attributeAt, inet4, inet6, type Message, number32 } from "./message.ts";

const linkBytes = 16;
const linkAttributes = { name: 3, mtu: 4, group: 27 };
const addressBytes = 8;
const addressAttributes = { address: 1, local: 2, flags: 8 };

export interface LinkFields {
  readonly index: number;
  readonly flags: number;
  readonly name: string;
  readonly mtu: number | undefined;
  readonly group: number;
}

/** Undefined: it is cut short. */
export function linkFields(message: Message): LinkFields | undefined {
  const { body } = message;
  const name = attribute(message, linkBytes, linkAttributes.name);
  if (body.byteLength < linkBytes || !name) return undefined;
  return {
    index: body.getInt32(4, true),
    flags: body.getUint32(8, true),
    name: textOf(name),
    mtu: number32(attribute(message, linkBytes, linkAttributes.mtu)),
    group: number32(attribute(message, linkBytes, linkAttributes.group)) ?? 0,
  };
}

/** Names end with a zero; others than ASCII are possible and nobody's. */
export function textOf(value: DataView): string {
  let text = "";
  for (let at = 0; at < value.byteLength; at++) {
    const code = value.getUint8(at);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}

export interface AddressFields {
  readonly family: number;
  readonly prefixLength: number;
  readonly index: number;
  readonly flags: number;
  /** Where the address stands in the message's body. */
  readonly ipAt: number;
}

/** Undefined: it is cut short. */
export function addressFields(message: Message): AddressFields | undefined {
  const { body } = message;
  if (body.byteLength < addressBytes) return undefined;
  const { address, local, flags } = addressAttributes;
  const family = body.getUint8(0);
  const length = family === inet6 ? 16 : 4;
  const ipAt =
    attributeAt(message, addressBytes, local, length) ?? attributeAt(message, addressBytes, address, length);
  if (ipAt === undefined) return undefined;
  const flagsAt = attributeAt(message, addressBytes, flags, 4);
  return {
    family,
    prefixLength: body.getUint8(1),
    index: body.getUint32(4, true),
    flags: flagsAt === undefined ? body.getUint8(2) : body.getUint32(flagsAt, true),
    ipAt,
  };
}

export const neighbourBytes = 12;
export const neighbourAttributes = { ip: 1, mac: 2 };

export interface NeighbourFields {
  readonly index: number;
  /** IPv4. */
  readonly ip: number;
  readonly mac: number | undefined;
  readonly state: number;
}

/** Undefined: it is cut short, or not of IPv4. */
export function neighbourFields(message: Message): NeighbourFields | undefined {
  const { body } = message;
  if (body.byteLength < neighbourBytes || body.getUint8(0) !== inet4) return undefined;
  const { ip, mac } = neighbourAttributes;
  const ipAt = attributeAt(message, neighbourBytes, ip, 4);
  const macAt = attributeAt(message, neighbourBytes, mac, 6);
  if (ipAt === undefined) return undefined;
  return {
    index: body.getUint32(4, true),
    ip: body.getUint32(ipAt),
    mac: macAt === undefined ? undefined : body.getUint16(macAt) * 2 ** 32 + body.getUint32(macAt + 2),
    state: body.getUint16(8, true),
  };
}
