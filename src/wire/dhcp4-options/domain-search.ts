import { ByteWriter } from "../../base/bytes.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { latin1, option, text } from "./shapes.ts";

const longestName = 255;
const longestLabel = 63;
/** The two top bits of a length byte that make it a pointer (RFC 1035 section 4.1.4). */
const pointerBits = 0xc0;
/** Printable ASCII but for the dot and the backslash: what can stand in a label without escapes. */
const plainLabel = /^[!-\-/-[\]-~]+$/;

/**
 * Option 119, domains to search, as names of RFC 1035 with compression (RFC 3397). Names come without the last dot;
 * the root is ".". Emitted without compression; a label that is empty or longer than 63 is a RangeError.
 */
export const domainSearch = option<readonly string[]>(119, {
  parse(bytes) {
    if (bytes.length === 0) return invalid("empty");
    const names: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const name = readName(bytes, at);
      if (!name.ok) return name;
      names.push(name.value.name);
      at = name.value.next;
    }
    return valid(names);
  },
  emit(names) {
    const writer = new ByteWriter();
    for (const name of names) writeName(writer, name);
    return writer.done();
  },
});

/** The name at `start`, and where the bytes after it begin. */
function readName(bytes: Uint8Array, start: number): Parsed<{ name: string; next: number }> {
  const labels: string[] = [];
  let size = 1;
  let at = start;
  /** Pointers must go ever further back, so that they cannot loop. */
  let pointBefore = start;
  let next: number | undefined;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return invalid(`ends inside a name, after ${bytes.length} bytes`);
    if (length === 0) return valid({ name: labels.join(".") || ".", next: next ?? at + 1 });
    if ((length & pointerBits) === pointerBits) {
      const low = bytes[at + 1];
      if (low === undefined) return invalid("ends inside a compression pointer");
      const target = ((length & ~pointerBits) << 8) | low;
      if (target >= pointBefore) return invalid(`compression pointer at ${at} does not point backwards`);
      next ??= at + 2;
      at = pointBefore = target;
      continue;
    }
    if (length > longestLabel) return invalid(`label type 0x${length.toString(16)} at ${at}`);
    if (at + 1 + length > bytes.length) return invalid(`ends inside a label, after ${bytes.length} bytes`);
    const label = latin1(bytes, at + 1, at + 1 + length);
    if (!plainLabel.test(label)) return invalid(`a label at ${at} holds bytes that names do not have`);
    size += 1 + length;
    if (size > longestName) return invalid(`a name of more than ${longestName} bytes`);
    labels.push(label);
    at += 1 + length;
  }
}

function writeName(writer: ByteWriter, name: string): void {
  const labels = name === "." ? [] : name.replace(/\.$/, "").split(".");
  for (const label of labels) {
    if (label.length === 0 || label.length > longestLabel) throw new RangeError(`a label in "${name}"`);
    writer.u8(label.length).raw(text.emit(label));
  }
  writer.u8(0);
}
