/** DHCPv4 messages as values (RFC 2131 section 2, RFC 2132). Codecs: parse.ts, emit.ts; one file an option in ../dhcp4-options. */
import type { Cidr4 } from "../../base/cidr4.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";

/** Option 53 (RFC 2132 section 9.6). */
export const messageTypes = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;
export type MessageType = keyof typeof messageTypes;

export interface Route4 {
  readonly destination: Cidr4;
  /** 0.0.0.0 means on-link (RFC 3442). */
  readonly router: Ip4;
}

/** Decoded options; an absent key is an absent option. Text is Latin-1, so any bytes survive a round trip. */
export interface Dhcp4Options {
  /** 1 */ readonly subnetMask?: Ip4;
  /** 3 */ readonly routers?: readonly Ip4[];
  /** 6 */ readonly dnsServers?: readonly Ip4[];
  /** 12 */ readonly hostName?: string;
  /** 15 */ readonly domainName?: string;
  /** 26, bytes */ readonly interfaceMtu?: number;
  /** 28 */ readonly broadcastAddress?: Ip4;
  /** 33: host routes, destinations are /32 */ readonly staticRoutes?: readonly Route4[];
  /** 42 */ readonly ntpServers?: readonly Ip4[];
  /** 43 */ readonly vendorSpecific?: Uint8Array;
  /** 50 */ readonly requestedAddress?: Ip4;
  /** 51, seconds; 4294967295 is infinite */ readonly leaseTime?: number;
  /** 52: 1 file, 2 sname, 3 both hold options */ readonly overload?: number;
  /** 53 */ readonly messageType?: MessageType;
  /** 54 */ readonly serverId?: Ip4;
  /** 55 */ readonly parameterList?: readonly number[];
  /** 56 */ readonly message?: string;
  /** 57, bytes, at least 576 */ readonly maxMessageSize?: number;
  /** 58, seconds */ readonly renewalTime?: number;
  /** 59, seconds */ readonly rebindingTime?: number;
  /** 60 */ readonly vendorClass?: Uint8Array;
  /** 61 */ readonly clientId?: Uint8Array;
  /** 108, seconds (RFC 8925) */ readonly v6OnlyPreferred?: number;
  /** 119 (RFC 3397) */ readonly domainSearch?: readonly string[];
  /** 121 (RFC 3442) */ readonly classlessRoutes?: readonly Route4[];
}

export interface Dhcp4Message {
  readonly op: "request" | "reply";
  readonly hops: number;
  readonly xid: number;
  /** Seconds since the client began the exchange. */
  readonly secs: number;
  /** The broadcast flag, the top bit of `flags`. */
  readonly broadcast: boolean;
  readonly ciaddr: Ip4;
  readonly yiaddr: Ip4;
  readonly siaddr: Ip4;
  readonly giaddr: Ip4;
  readonly chaddr: Mac;
  /** The boot file and server name fields, 128 and 64 bytes; absent when all zero or used by option 52. */
  readonly file?: Uint8Array;
  readonly sname?: Uint8Array;
  readonly options: Dhcp4Options;
  /** Options this codec has no type for, by code, concatenated as RFC 3396 says. */
  readonly unknown: ReadonlyMap<number, Uint8Array>;
  /** Options that were there and made no sense; they are left out of `options`, the packet is kept. */
  readonly malformed: readonly { readonly code: number; readonly why: string }[];
}
