/** What names a client to DHCPv6 servers: RFC 8415 sections 11 and 12. */
import { hexOf } from "../../base/hex.ts";
import { type Mac, macToBytes } from "../../base/mac.ts";

/** DUID-LL (RFC 8415 section 11.4): type 3, hardware type 1, the MAC. Servers that register MACs read it from there. */
export const duidLl = (mac: Mac): Uint8Array => Uint8Array.of(0, 3, 0, 1, ...macToBytes(mac));

/** The identifier of a device's only IA_NA: the last four octets of its MAC, so that it outlives restarts (section 12). */
export const iaidOf = (mac: Mac): number => Number.parseInt(mac.slice(6).replaceAll(":", ""), 16);

/** Hex digits with colons, as servers log it: `00:03:00:01:02:00:5e:10:00:01`. */
export const duidText = (duid: Uint8Array): string => hexOf(duid, ":");
