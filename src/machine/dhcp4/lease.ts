import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { Instant } from "../../base/time.ts";
import type { Route4 } from "../../wire/dhcp4/message.ts";

/** What a server granted (RFC 2131 section 4.4), after our own sanity checks. */
export interface Lease4 {
  readonly address: Ip4;
  /** Prefix length of the subnet; 32 when the server named none. */
  readonly prefixLength: number;
  /** Option 121, else 33 and 3 (RFC 3442); a 0.0.0.0/0 entry is the default route. */
  readonly routes: readonly Route4[];
  readonly dnsServers: readonly Ip4[];
  readonly ntpServers: readonly Ip4[];
  readonly domainName?: string;
  readonly domainSearch: readonly string[];
  /** Bytes; option 26, at least 576. */
  readonly mtu?: number;
  /** Seconds of option 108 in a confirmation after which the address was kept (RFC 8925 section 3.2). */
  readonly v6OnlyPreferred?: number;
  /** Whether option 108 was asked for when this address was asked for. */
  readonly v6OnlyAsked?: boolean;
  readonly serverId: Ip4;
  /** Source MAC of the server's frames: the server or the relay's router; where unicast renewals go. */
  readonly serverMac: Mac;
  readonly acquiredAt: Instant;
  /** T1, T2 and the end; `never` when the lease is infinite. */
  readonly renewAt: Instant;
  readonly rebindAt: Instant;
  readonly expiresAt: Instant;
}
