/** For tests: messages with option bytes as given, past the emitter's care. */
import { ByteWriter } from "../../base/bytes.ts";
import { anyIp4 } from "../../base/ip4.ts";
import { zeroMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { emitDhcp4 } from "../dhcp4/emit.ts";
import type { Dhcp4Message } from "../dhcp4/message.ts";
import { appendOption } from "../dhcp4/option-list.ts";
import { parseDhcp4 } from "../dhcp4/parse.ts";
import type { OptionName } from "./table.ts";

export const emptyMessage: Dhcp4Message = {
  op: "reply",
  hops: 0,
  xid: 0,
  secs: 0,
  broadcast: false,
  ciaddr: anyIp4,
  yiaddr: anyIp4,
  siaddr: anyIp4,
  giaddr: anyIp4,
  chaddr: zeroMac,
  options: {},
  unknown: new Map(),
  malformed: [],
};

const optionsAt = 240;

/** An empty message whose options field, and file and sname where given, are these bytes; nothing is added. */
export function rawMessage(
  optionsField: ArrayLike<number>,
  fields: Pick<Dhcp4Message, "file" | "sname"> = {},
): Uint8Array {
  const header = emitDhcp4({ ...emptyMessage, ...fields }).subarray(0, optionsAt);
  return new ByteWriter().raw(header).raw(Uint8Array.from(optionsField)).done();
}

/** What becomes of one option with these bytes: its value, or why it was left out, or neither. */
export function readOption(
  name: OptionName,
  code: number,
  bytes: readonly number[] | undefined,
): { readonly value?: unknown; readonly why?: string } {
  const writer = new ByteWriter();
  if (bytes !== undefined) appendOption(writer, code, Uint8Array.from(bytes));
  const { options, malformed } = must(parseDhcp4(rawMessage(writer.u8(255).done())));
  const why = malformed.find((option) => option.code === code)?.why;
  return {
    ...(options[name] === undefined ? {} : { value: options[name] }),
    ...(why === undefined ? {} : { why }),
  };
}
