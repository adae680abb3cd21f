import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { invalid, valid } from "../../base/parsed.ts";
import type { IaAddress, IaNa, Status } from "../dhcp6/message.ts";
import { iaAddress } from "./ia-address.ts";
import { optionSet } from "./option-set.ts";
import { repeated } from "./shapes.ts";
import { status } from "./status.ts";

const fixedLength = 12;
const inside = optionSet<{ readonly addresses: readonly IaAddress[]; readonly status: Status }>({
  addresses: iaAddress,
  status,
});

/** Option 3, a set of addresses (RFC 8415 section 21.4). T1 after T2 is no error here: what to do about it is the client's concern. */
export const iaNa = repeated<IaNa>(3, {
  parse(bytes, malformed) {
    const reader = new ByteReader(bytes);
    const [iaid, t1, t2] = [reader.u32(), reader.u32(), reader.u32()];
    if (reader.error !== undefined) {
      return invalid(`${bytes.length} bytes, at least ${fixedLength} needed`);
    }
    const { options, unknown } = inside.parse(bytes.subarray(fixedLength), malformed, `in IA ${iaid}: `);
    const { addresses = [], ...rest } = options;
    return valid([{ iaid, t1, t2, addresses, ...rest, ...(unknown.length > 0 ? { unknown } : {}) }]);
  },
  emit(ia) {
    const writer = new ByteWriter().u32(ia.iaid).u32(ia.t1).u32(ia.t2);
    inside.emit(writer, ia, ia.unknown);
    return writer.done();
  },
});
