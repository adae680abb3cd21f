/** Lists of domain names as options carry them (RFC 1035 section 3.1, RFC 8415 section 10). */
import { ByteWriter } from "../base/bytes.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { latin1, latin1Bytes } from "./latin1.ts";
import type { Shape } from "./option-shapes.ts";

export const longestName = 255;
const longestLabel = 63;
/** The two top bits of a length byte that make it a pointer (RFC 1035 section 4.1.4). */
const pointerBits = 0xc0;
/** Printable ASCII but for the dot and the backslash: what can stand in a label without escapes. */
const plainLabel = /^[!-\-/-[\]-~]+$/;

/** A label that can be emitted: 1 to 63 bytes of printable ASCII without space, dot and backslash. */
export const isLabel = (text: string): boolean => text.length <= longestLabel && plainLabel.test(text);

/**
 * One or more names, each ended by the root. Names come without the last dot; the root alone is ".". Emitted without
 * compression; a label that `isLabel` refuses, or a name of more than 255 bytes, is a RangeError.
 * `pointers`: whether names may be compressed (RFC 3397); otherwise a pointer is an error (RFC 8415 section 10).
 */
export const domainNames = ({ pointers }: { readonly pointers: boolean }): Shape<readonly string[]> => ({
  parse(bytes) {
    if (bytes.length === 0) return invalid("empty");
    const names: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const name = readName(bytes, at, pointers);
      if (!name.ok) return name;
      names.push(name.value.labels.join(".") || ".");
      at = name.value.next;
    }
    return valid(names);
  },
  emit(names) {
    const writer = new ByteWriter();
    for (const name of names) writeLabels(writer, labelsOf(name)).u8(0);
    return writer.done();
  },
});

/** The labels of a name, with or without a dot at its end; none for the root. */
export const labelsOf = (name: string): readonly string[] =>
  name === "." ? [] : name.replace(/\.$/, "").split(".");

/** Without the root; RangeError as in `domainNames`. */
export function writeLabels(writer: ByteWriter, labels: readonly string[]): ByteWriter {
  let size = 1;
  for (const label of labels) {
    if (!isLabel(label)) throw new RangeError(`"${label}" in "${labels.join(".")}" is no label of a name`);
    size += 1 + label.length;
    writer.u8(label.length).raw(latin1Bytes(label));
  }
  if (size > longestName) throw new RangeError(`a name of ${size} bytes`);
  return writer;
}

/** The labels of the name at `start`, and where the bytes after it begin. */
export function readName(
  bytes: Uint8Array,
  start: number,
  pointers: boolean,
): Parsed<{ readonly labels: readonly string[]; readonly next: number }> {
  const labels: string[] = [];
  let size = 1;
  let at = start;
  /** Pointers must go ever further back, so that they cannot loop. */
  let pointBefore = start;
  let next: number | undefined;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return invalid(`ends inside a name, after ${bytes.length} bytes`);
    if (length === 0) return valid({ labels, next: next ?? at + 1 });
    if ((length & pointerBits) === pointerBits) {
      const target = pointers ? readPointer(bytes, at, pointBefore) : invalid(`compression pointer at ${at}`);
      if (!target.ok) return target;
      next ??= at + 2;
      at = pointBefore = target.value;
      continue;
    }
    const label = readLabel(bytes, at);
    if (!label.ok) return label;
    size += 1 + length;
    if (size > longestName) return invalid(`a name of more than ${longestName} bytes`);
    labels.push(label.value);
    at += 1 + length;
  }
}

function readPointer(bytes: Uint8Array, at: number, before: number): Parsed<number> {
  const low = bytes[at + 1];
  if (low === undefined) return invalid("ends inside a compression pointer");
  const target = (((bytes[at] ?? 0) & ~pointerBits) << 8) | low;
  return target < before ? valid(target) : invalid(`compression pointer at ${at} does not point backwards`);
}

/** The label at `at`, behind its length byte; a pointer is an error. */
export function readLabel(bytes: Uint8Array, at: number): Parsed<string> {
  const length = bytes[at] ?? 0;
  if (length > longestLabel) return invalid(`label type 0x${length.toString(16)} at ${at}`);
  if (at + 1 + length > bytes.length) return invalid(`ends inside a label, after ${bytes.length} bytes`);
  const label = latin1(bytes, at + 1, at + 1 + length);
  return plainLabel.test(label)
    ? valid(label)
    : invalid(`a label at ${at} holds bytes that names do not have`);
}
