import { ByteReader } from "../../base/bytes.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { fileHoldsOptions, overload, snameHoldsOptions } from "../dhcp4-options/overload.ts";
import { type OptionName, type OptionsSoFar, optionNameByCode, optionTable } from "../dhcp4-options/table.ts";
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
import { collectOptions, type Malformed } from "./option-list.ts";

/**
 * Reads a UDP payload (RFC 2131 section 2); the message shares no memory with it.
 * Errors: shorter than 240 bytes, neither request nor reply, not Ethernet, no magic cookie. A bad option is no error:
 * it is left out and listed in `malformed`.
 */
export function parseDhcp4(bytes: Uint8Array): Parsed<Dhcp4Message> {
  const reader = new ByteReader(bytes);
  const op = reader.u8();
  const hardware = reader.u8();
  const hardwareLength = reader.u8();
  const hops = reader.u8();
  const xid = reader.u32();
  const secs = reader.u16();
  const broadcast = (reader.u16() & broadcastFlag) !== 0;
  const ciaddr = reader.ip4();
  const yiaddr = reader.ip4();
  const siaddr = reader.ip4();
  const giaddr = reader.ip4();
  const chaddr = reader.mac();
  reader.skip(chaddrLength - macLength);
  const snameAt = reader.offset;
  const fileAt = snameAt + snameLength;
  reader.skip(snameLength + fileLength);
  const cookie = reader.u32();
  if (reader.error !== undefined) return invalid(`DHCP: ${reader.error}`);
  if (op !== 1 && op !== 2) return invalid(`DHCP: op ${op} is neither 1 nor 2`);
  if (hardware !== hardwareEthernet || hardwareLength !== macLength) {
    return invalid(`DHCP: hardware type ${hardware} with ${hardwareLength} bytes is not Ethernet`);
  }
  if (cookie !== magicCookie) return invalid("DHCP: no magic cookie");
  const options = bytes.subarray(reader.offset);
  const sname = bytes.subarray(snameAt, fileAt);
  const file = bytes.subarray(fileAt, fileAt + fileLength);
  const rest = readOptions(options, file, sname);
  // Named one by one: spreading two objects here costs as much as reading all the rest.
  return valid({
    op: op === 1 ? "request" : "reply",
    hops,
    xid,
    secs,
    broadcast,
    ciaddr,
    yiaddr,
    siaddr,
    giaddr,
    chaddr,
    options: rest.options,
    unknown: rest.unknown,
    malformed: rest.malformed,
    ...rest.fields,
  });
}

/** What the options were found to be, and the fields that turned out to hold none. */
interface Found extends Pick<Dhcp4Message, "options" | "unknown" | "malformed"> {
  readonly fields: Pick<Dhcp4Message, "file" | "sname">;
}

/** The options of all fields that hold some, in the order RFC 3396 section 5 gives: options, file, sname. */
function readOptions(optionsField: Uint8Array, file: Uint8Array, sname: Uint8Array): Found {
  const found = new Map<number, Uint8Array>();
  const malformed: Malformed[] = [];
  collectOptions(optionsField, found, malformed);
  const overloading = found.get(overload.code);
  const parsed = overloading === undefined ? undefined : overload.parse(overloading);
  const value = parsed?.ok ? parsed.value : undefined;
  const fields: { file?: Uint8Array; sname?: Uint8Array } = {};
  if (fileHoldsOptions(value)) collectOptions(file, found, malformed);
  else if (isUsed(file)) fields.file = file.slice();
  if (snameHoldsOptions(value)) collectOptions(sname, found, malformed);
  else if (isUsed(sname)) fields.sname = sname.slice();
  // An option that lost its last part is not whole, whatever was found of it elsewhere.
  for (const { code } of malformed) found.delete(code);
  // Option 52 counts where it can be acted upon; RFC 2132 section 9.3 has it in the options field only.
  if (overloading !== undefined) found.set(overload.code, overloading);
  return { ...decode(found, malformed), fields };
}

function decode(found: ReadonlyMap<number, Uint8Array>, malformed: Malformed[]): Omit<Found, "fields"> {
  const options: OptionsSoFar = {};
  const unknown = new Map<number, Uint8Array>();
  for (const [code, bytes] of found) {
    const name = optionNameByCode.get(code);
    if (name === undefined) unknown.set(code, bytes.slice());
    else {
      const why = decodeInto(options, name, bytes);
      if (why !== undefined) malformed.push({ code, why });
    }
  }
  return { options, unknown, malformed };
}

/** Sets the option, or says what is wrong with its bytes. */
function decodeInto<K extends OptionName>(
  options: OptionsSoFar,
  name: K,
  bytes: Uint8Array,
): string | undefined {
  const parsed = optionTable[name].parse(bytes);
  if (!parsed.ok) return parsed.error;
  options[name] = parsed.value;
  return undefined;
}

function isUsed(field: Uint8Array): boolean {
  for (const byte of field) if (byte !== 0) return true;
  return false;
}
