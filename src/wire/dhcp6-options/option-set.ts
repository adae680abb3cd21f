/** The options that have a meaning in one place: in a message, in an IA, with an address. */
import type { ByteWriter } from "../../base/bytes.ts";
import type { RawOption } from "../dhcp6/message.ts";
import { appendOption, listOptions, type Malformed } from "../dhcp6/option-list.ts";
import type { Option } from "./shapes.ts";

/** Codecs by the names of their values, in the order they are sent. A value without its codec does not compile. */
export type Codecs<T> = { readonly [K in keyof T]-?: Option<T[K]> };
type Some<T> = { -readonly [K in keyof T]?: T[K] };

export interface OptionSet<T> {
  readonly codecs: Codecs<T>;
  /**
   * Options that make no sense, and all that is wrong inside others, are told in `malformed`, after the words `place`.
   * Those that have no codec in this place are `unknown`, copied, in the order they stood.
   */
  readonly parse: (
    bytes: Uint8Array,
    malformed: Malformed[],
    place?: string,
  ) => { readonly options: Some<T>; readonly unknown: readonly RawOption[] };
  /** The options that have a value, then the unknown ones; RangeError: see `appendOption` and the option files. */
  readonly emit: (writer: ByteWriter, options: Some<T>, unknown?: readonly RawOption[]) => void;
}

export function optionSet<T>(codecs: Codecs<T>): OptionSet<T> {
  const names = Object.keys(codecs) as (keyof T)[];
  const nameByCode = new Map(names.map((name) => [codecs[name].code, name]));
  return {
    codecs,
    parse(bytes, malformed, place = "") {
      const options: Some<T> = {};
      const unknown: RawOption[] = [];
      const wrong: Malformed[] = [];
      for (const { code, data } of listOptions(bytes, wrong)) {
        const name = nameByCode.get(code);
        if (name === undefined) unknown.push({ code, data: data.slice() });
        else decodeInto(options, codecs, name, data, wrong);
      }
      for (const { code, why } of wrong) malformed.push({ code, why: `${place}${why}` });
      return { options, unknown };
    },
    emit(writer, options, unknown = []) {
      for (const name of names) appendTyped(writer, codecs, name, options);
      for (const { code, data } of unknown) appendOption(writer, code, data);
    },
  };
}

function decodeInto<T, K extends keyof T>(
  options: Some<T>,
  codecs: Codecs<T>,
  name: K,
  data: Uint8Array,
  malformed: Malformed[],
): void {
  const parsed = codecs[name].parse(data, options[name], malformed);
  if (parsed.ok) options[name] = parsed.value;
  else malformed.push({ code: codecs[name].code, why: parsed.error });
}

function appendTyped<T, K extends keyof T>(
  writer: ByteWriter,
  codecs: Codecs<T>,
  name: K,
  options: Some<T>,
): void {
  const value = options[name];
  if (value === undefined) return;
  for (const data of codecs[name].emit(value)) appendOption(writer, codecs[name].code, data);
}
