import { atLeast, checked, fixed } from "../option-shapes.ts";
import { ndOption } from "./option-list.ts";

/** The least a link may have (RFC 8200 section 5). */
const leastMtu = 1280;

/** Option 5, the MTU of the link in bytes (RFC 4861 section 4.6.4). */
export const mtu = ndOption(
  5,
  checked(
    fixed(
      6,
      (reader) => {
        reader.skip(2);
        return reader.u32();
      },
      (writer, value) => writer.zeros(2).u32(value),
    ),
    atLeast(leastMtu),
  ),
);
