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
  const fixed = {
    op: op === 1 ? ("request" as const) : ("reply" as const),
    hops: reader.u8(),
    xid: reader.u32(),
    secs: reader.u16(),
    broadcast: (reader.u16() & broadcastFlag) !== 0,
    ciaddr: reader.ip4(),
    yiaddr: reader.ip4(),
    siaddr: reader.ip4(),
    giaddr: reader.ip4(),
    chaddr: reader.mac(),
  };
  reader.skip(chaddrLength - macLength);
  const sname = reader.take(snameLength);
  const file = reader.take(fileLength);
  const cookie = reader.u32();
  if (reader.error !== undefined) return invalid(`DHCP: ${reader.error}`);
  if (op !== 1 && op !== 2) return invalid(`DHCP: op ${op} is neither 1 nor 2`);
  if (hardware !== hardwareEthernet || hardwareLength !== macLength) {
    return invalid(`DHCP: hardware type ${hardware} with ${hardwareLength} bytes is not Ethernet`);
  }
  if (cookie !== magicCookie) return invalid("DHCP: no magic cookie");
  return valid({ ...fixed, ...readOptions(bytes.subarray(reader.offset), file, sname) });
}

type Variable = Pick<Dhcp4Message, "options" | "unknown" | "malformed" | "file" | "sname">;

/** The options of all fields that hold some, in the order RFC 3396 section 5 gives: options, file, sname. */
function readOptions(optionsField: Uint8Array, file: Uint8Array, sname: Uint8Array): Variable {
  const found = new Map<number, Uint8Array>();
  const malformed: Malformed[] = [];
  collectOptions(optionsField, found, malformed);
  const overloading = found.get(overload.code);
  const parsed = overloading === undefined ? undefined : overload.parse(overloading);
  const fields = parsed?.ok ? parsed.value : undefined;
  if (fileHoldsOptions(fields)) collectOptions(file, found, malformed);
  if (snameHoldsOptions(fields)) collectOptions(sname, found, malformed);
  // An option that lost its last part is not whole, whatever was found of it elsewhere.
  for (const { code } of malformed) found.delete(code);
  // Option 52 counts where it can be acted upon; RFC 2132 section 9.3 has it in the options field only.
  if (overloading !== undefined) found.set(overload.code, overloading);
  return {
    ...decode(found, malformed),
    ...(!fileHoldsOptions(fields) && isUsed(file) ? { file } : {}),
    ...(!snameHoldsOptions(fields) && isUsed(sname) ? { sname } : {}),
  };
}

function decode(found: ReadonlyMap<number, Uint8Array>, malformed: Malformed[]): Variable {
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

const isUsed = (field: Uint8Array): boolean => field.some((byte) => byte !== 0);
