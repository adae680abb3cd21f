import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { IaAddress, Status } from "../dhcp6/message.ts";
import { optionSet } from "./option-set.ts";
import { repeated } from "./shapes.ts";
import { status } from "./status.ts";

const fixedLength = 24;
const inside = optionSet<{ readonly status: Status }>({ status });

/**
 * Option 5, an address, inside option 3 only (RFC 8415 section 21.6). A preferred lifetime longer than the valid one is
 * no error here: what to do about it is the client's concern.
 */
export const iaAddress = repeated<IaAddress>(5, {
  parse(bytes, malformed) {
    const reader = new ByteReader(bytes);
    const address = reader.ip6();
    const [preferred, lifetime] = [reader.u32(), reader.u32()];
    if (reader.error !== undefined) {
      return invalid(`${bytes.length} bytes, at least ${fixedLength} needed`);
    }
    const { options, unknown } = inside.parse(bytes.subarray(fixedLength), malformed, `at ${address}: `);
    const rest = unknown.length > 0 ? { ...options, unknown } : options;
    return valid([{ address, preferred, valid: lifetime, ...rest }]);
  },
  emit(leased) {
    const writer = new ByteWriter().ip6(leased.address).u32(leased.preferred).u32(leased.valid);
    inside.emit(writer, leased, leased.unknown);
    return writer.done();
  },
});
