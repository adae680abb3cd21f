/** For tests: options of neighbour discovery with bytes as given, past the emitter's care. */
import { ByteWriter } from "../../base/bytes.ts";
import { must } from "../../base/parsed.ts";
import { appendOption, type NdOption, splitOptions } from "./option-list.ts";

/** What becomes of one option with these bytes, type and length included: its value, or why not, or nothing. */
export function readOption<T>(
  option: NdOption<T>,
  bytes: readonly number[],
): { readonly value?: T; readonly why?: string } {
  const found = must(splitOptions(Uint8Array.from(bytes))).find(({ type }) => type === option.type);
  if (found === undefined) return {};
  const parsed = option.parse(found.body);
  return parsed.ok ? { value: parsed.value } : { why: parsed.error };
}

/** The whole option as it is sent. */
export const emitted = <T>(option: NdOption<T>, value: T): number[] => [
  ...appendOption(new ByteWriter(), option, value).done(),
];

export const zeros = (n: number): number[] => new Array<number>(n).fill(0);
/** Another option, as a neighbour of one that is absent. */
export const nonce = [14, 1, 1, 2, 3, 4, 5, 6];
