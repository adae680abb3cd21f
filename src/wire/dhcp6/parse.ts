import { ByteReader } from "../../base/bytes.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { messageOptions } from "../dhcp6-options/table.ts";
import { type Dhcp6Message, type MessageType6, messageTypes6 } from "./message.ts";
import type { Malformed } from "./option-list.ts";

const typeNames = new Map(
  Object.entries(messageTypes6).map(([name, n]) => [n as number, name as MessageType6]),
);

/**
 * Reads a UDP payload (RFC 8415 section 8); the message shares no memory with it. Errors: shorter than 4 bytes, a type that
 * is none of a client's (relay messages are not). A bad option is no error: it is left out and listed in `malformed`, also
 * when it stood inside an IA, which is kept without it. Of an option that may stand only once the first good one counts.
 */
export function parseDhcp6(bytes: Uint8Array): Parsed<Dhcp6Message> {
  const reader = new ByteReader(bytes);
  const number = reader.u8();
  const xid = reader.u8() * 0x10000 + reader.u16();
  if (reader.error !== undefined) return invalid(`DHCPv6: ${reader.error}`);
  const type = typeNames.get(number);
  if (type === undefined) return invalid(`DHCPv6: message type ${number}`);
  const malformed: Malformed[] = [];
  const { options, unknown } = messageOptions.parse(bytes.subarray(reader.offset), malformed);
  return valid({ type, xid, options, unknown, malformed });
}
