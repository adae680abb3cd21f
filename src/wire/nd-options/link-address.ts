import { isMulticastMac } from "../../base/mac.ts";
import { checked, fixed } from "../option-shapes.ts";
import { ndOption } from "./option-list.ts";

const linkAddress = checked(
  fixed(
    6,
    (reader) => reader.mac(),
    (writer, mac) => writer.mac(mac),
  ),
  (mac) => (isMulticastMac(mac) ? `${mac} is a group` : undefined),
);

/** Options 1 and 2, link-layer addresses on Ethernet (RFC 4861 section 4.6.1, RFC 2464 section 6). */
export const sourceLinkAddress = ndOption(1, linkAddress);
export const targetLinkAddress = ndOption(2, linkAddress);
