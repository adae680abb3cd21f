import { ByteWriter } from "../../base/bytes.ts";
import { messageOptions } from "../dhcp6-options/table.ts";
import { type Dhcp6Message, messageTypes6 } from "./message.ts";

/**
 * The UDP payload (RFC 8415 section 8). Empty lists are not sent, unknown options are, after the others. `malformed` is not
 * looked at. RangeError: an option code or length of more than 65535, a bad name in domainSearch or fqdn.
 */
export function emitDhcp6(message: Dhcp6Message): Uint8Array {
  const writer = new ByteWriter()
    .u8(messageTypes6[message.type])
    .u8(message.xid >>> 16)
    .u16(message.xid);
  messageOptions.emit(writer, message.options, message.unknown);
  return writer.done();
}
