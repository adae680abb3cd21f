import { ByteWriter } from "../../base/bytes.ts";
import { fileHoldsOptions, snameHoldsOptions } from "../dhcp4-options/overload.ts";
import { type OptionName, type OptionsToSend, optionNames, optionTable } from "../dhcp4-options/table.ts";
import {
  broadcastFlag,
  chaddrLength,
  fileLength,
  hardwareEthernet,
  macLength,
  magicCookie,
  snameLength,
} from "./layout.ts";
import type { Dhcp4Message } from "./message.ts";
import { appendOption, end } from "./option-list.ts";

/** Old servers and relays drop what is shorter than a BOOTP message (RFC 1542 section 2.1). */
const shortestMessage = 300;

/**
 * The UDP payload (RFC 2131 section 2), at least 300 bytes. All options go into the options field; a field that option
 * 52 claims is sent as an empty list. Options of no bytes are not sent, unknown ones are. `malformed` is not looked at.
 * RangeError: an unknown option with code 0 or 255, a bad name in domainSearch.
 */
export function emitDhcp4(message: Dhcp4Message): Uint8Array {
  const { overload } = message.options;
  const writer = new ByteWriter()
    .u8(message.op === "request" ? 1 : 2)
    .u8(hardwareEthernet)
    .u8(macLength)
    .u8(message.hops)
    .u32(message.xid)
    .u16(message.secs)
    .u16(message.broadcast ? broadcastFlag : 0)
    .ip4(message.ciaddr)
    .ip4(message.yiaddr)
    .ip4(message.siaddr)
    .ip4(message.giaddr)
    .mac(message.chaddr)
    .zeros(chaddrLength - macLength);
  appendField(writer, snameLength, snameHoldsOptions(overload) ? emptyList : message.sname);
  appendField(writer, fileLength, fileHoldsOptions(overload) ? emptyList : message.file);
  writer.u32(magicCookie);
  for (const name of optionNames) appendTyped(writer, message.options, name);
  for (const [code, bytes] of message.unknown) {
    if (code <= 0 || code >= end) throw new RangeError(`${code} is no option code`);
    appendOption(writer, code, bytes);
  }
  writer.u8(end);
  return writer.zeros(Math.max(0, shortestMessage - writer.length)).done();
}

const emptyList = Uint8Array.of(end);
const nothing = new Uint8Array();

/** A field of fixed size: cut or filled with zeros. */
function appendField(writer: ByteWriter, size: number, bytes: Uint8Array = nothing): void {
  const used = bytes.length > size ? bytes.subarray(0, size) : bytes;
  writer.raw(used).zeros(size - used.length);
}

function appendTyped<K extends OptionName>(writer: ByteWriter, options: OptionsToSend, name: K): void {
  const value = options[name];
  if (value === undefined) return;
  const bytes = optionTable[name].emit(value);
  if (bytes.length > 0) appendOption(writer, optionTable[name].code, bytes);
}
