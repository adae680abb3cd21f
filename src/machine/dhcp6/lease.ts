import type { Ip6 } from "../../base/ip6.ts";
import type { Instant } from "../../base/time.ts";

/** One address of an IA_NA. The two lifetimes count separately (RFC 8415 section 21.6). */
export interface LeasedAddress {
  readonly address: Ip6;
  /** `never`: infinite. Past it the address is deprecated: kept for what is open, no source of new connections. */
  readonly preferredUntil: Instant;
  readonly validUntil: Instant;
}

/** What servers say besides addresses; in a reply to INFORMATION-REQUEST nothing else. */
export interface Information6 {
  readonly dnsServers: readonly Ip6[];
  readonly domainSearch: readonly string[];
  readonly ntpServers: readonly Ip6[];
}

/** What a server granted, after our own sanity checks. At least one address. */
export interface Lease6 extends Information6 {
  readonly addresses: readonly LeasedAddress[];
  /** The server's DUID. */
  readonly serverId: Uint8Array;
  readonly acquiredAt: Instant;
  /** T1 and T2, ours where the server left them to us; `never` when infinite. */
  readonly renewAt: Instant;
  readonly rebindAt: Instant;
}
