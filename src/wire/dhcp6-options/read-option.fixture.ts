/** For tests: messages with option bytes as given, past the emitter's care. */
import { ByteWriter } from "../../base/bytes.ts";
import { must } from "../../base/parsed.ts";
import { emitDhcp6 } from "../dhcp6/emit.ts";
import type { Dhcp6Message, Dhcp6Options } from "../dhcp6/message.ts";
import { appendOption } from "../dhcp6/option-list.ts";
import { parseDhcp6 } from "../dhcp6/parse.ts";
import type { OptionName } from "./table.ts";

export const emptyMessage: Dhcp6Message = {
  type: "reply",
  xid: 0,
  options: {},
  unknown: [],
  malformed: [],
};

/** An empty message whose options are these bytes; nothing is added. */
export const rawMessage = (options: ArrayLike<number>): Uint8Array =>
  new ByteWriter().raw(emitDhcp6(emptyMessage)).raw(Uint8Array.from(options)).done();

/** One option with these bytes. */
export function rawOption(code: number, data: ArrayLike<number>): number[] {
  const writer = new ByteWriter();
  appendOption(writer, code, Uint8Array.from(data));
  return [...writer.done()];
}

/** What becomes of one option with these bytes: its value, or why it was left out, or neither. */
export function readOption(
  name: OptionName,
  code: number,
  bytes: readonly number[] | undefined,
): { readonly value?: unknown; readonly why?: string } {
  const { options, malformed } = must(
    parseDhcp6(rawMessage(bytes === undefined ? [] : rawOption(code, bytes))),
  );
  const why = malformed.find((option) => option.code === code)?.why;
  return {
    ...(options[name] === undefined ? {} : { value: options[name] }),
    ...(why === undefined ? {} : { why }),
  };
}

/** The options of a message with these values, code and length included. */
export const emitted = (options: Dhcp6Options): number[] => [
  ...emitDhcp6({ ...emptyMessage, options }).subarray(4),
];
