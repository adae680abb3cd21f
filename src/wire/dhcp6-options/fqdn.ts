import { ByteWriter } from "../../base/bytes.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { Dhcp6Options } from "../dhcp6/message.ts";
import { labelsOf, longestName, readLabel, writeLabels } from "../domain-names.ts";
import { option } from "./shapes.ts";

/** Option 39: flags and a name, which is ended by the root only where it is whole (RFC 4704 section 4). */
export const fqdn = option<NonNullable<Dhcp6Options["fqdn"]>>(39, {
  parse(bytes) {
    const flags = bytes[0];
    if (flags === undefined) return invalid("0 bytes, at least 1 needed");
    const labels: string[] = [];
    let at = 1;
    while (at < bytes.length && bytes[at] !== 0) {
      const label = readLabel(bytes, at);
      if (!label.ok) return label;
      labels.push(label.value);
      at += 1 + label.value.length;
    }
    // As long as the labels, and the root whether it stands there or not.
    if (at > longestName) return invalid(`a name of more than ${longestName} bytes`);
    const name = labels.join(".");
    if (at === bytes.length) return valid({ flags, name });
    const left = bytes.length - at - 1;
    return left > 0 ? invalid(`${left} bytes left over`) : valid({ flags, name, absolute: true });
  },
  emit({ flags, name, absolute }) {
    const writer = writeLabels(new ByteWriter().u8(flags), name === "" ? [] : labelsOf(name));
    return (absolute ? writer.u8(0) : writer).done();
  },
});
