import type { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { networkOf6 } from "../../base/cidr6.ts";
import { ip6FromBytes, ip6ToBytes } from "../../base/ip6.ts";
import { seconds, toSeconds } from "../../base/time.ts";
import type { RouterAdvert } from "../nd/message.ts";
import { checked, fixed } from "../option-shapes.ts";
import { ndOption } from "./option-list.ts";

type Pref64 = RouterAdvert["pref64"][number];

/** Prefix lengths by their 3-bit code; two codes mean nothing (RFC 8781 section 4). */
const lengths: readonly number[] = [96, 64, 56, 48, 40, 32];
const unitSeconds = 8;
const longestUnits = 0x1fff;
const sentOctets = 12;

function read(reader: ByteReader): Pref64 {
  const field = reader.u16();
  const prefix = networkOf6(ip6FromBytes(reader.take(sentOctets)), lengths[field & 7] ?? 0);
  return { lifetime: seconds((field >>> 3) * unitSeconds), prefix };
}

/** The lifetime is rounded up, to 65528 s at most. RangeError: another prefix length. */
function write(writer: ByteWriter, { lifetime, prefix }: Pref64): void {
  const code = lengths.indexOf(prefix.length);
  if (code < 0) throw new RangeError(`${prefix.length} is no prefix length of NAT64`);
  const units = Math.min(Math.ceil(toSeconds(lifetime) / unitSeconds), longestUnits);
  writer.u16((units << 3) | code).raw(ip6ToBytes(prefix.address).subarray(0, sentOctets));
}

/** Option 38, the NAT64 prefix (RFC 8781). */
export const pref64 = ndOption(
  38,
  checked(fixed(14, read, write), ({ prefix }) =>
    prefix.length === 0 ? "a reserved prefix length" : undefined,
  ),
);
