import type { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { networkOf6 } from "../../base/cidr6.ts";
import type { PrefixInformation } from "../nd/message.ts";
import { checked, fixed } from "../option-shapes.ts";
import { readLifetime, writeLifetime } from "./lifetime.ts";
import { ndOption } from "./option-list.ts";

const onLinkFlag = 0x80;
const autonomousFlag = 0x40;

/** Bits beyond the prefix length are the sender's carelessness (RFC 4861 section 4.6.2). */
function read(reader: ByteReader): PrefixInformation {
  const length = reader.u8();
  const flags = reader.u8();
  const validLifetime = readLifetime(reader);
  const preferredLifetime = readLifetime(reader);
  reader.skip(4);
  return {
    prefix: networkOf6(reader.ip6(), length),
    onLink: (flags & onLinkFlag) !== 0,
    autonomous: (flags & autonomousFlag) !== 0,
    validLifetime,
    preferredLifetime,
  };
}

function write(writer: ByteWriter, information: PrefixInformation): void {
  const { prefix, onLink, autonomous, validLifetime, preferredLifetime } = information;
  writer.u8(prefix.length).u8((onLink ? onLinkFlag : 0) | (autonomous ? autonomousFlag : 0));
  writeLifetime(writer, validLifetime);
  writeLifetime(writer, preferredLifetime).zeros(4).ip6(prefix.address);
}

/** Option 3, a prefix of the link (RFC 4861 section 4.6.2). */
export const prefixInformation = ndOption(
  3,
  checked(fixed(30, read, write), ({ prefix }) =>
    prefix.length > 128 ? `a prefix length of ${prefix.length}` : undefined,
  ),
);
