/** The IPv6 half of a network's description. Lifetimes in seconds; `infinite` is 0xffffffff. */
export const infinite = 0xffffffff;

export interface PrefixDescription {
  /** A /64, such as `2001:db8:a::/64`. */
  readonly prefix: string;
  /** L flag; true unless told. */
  readonly onLink?: boolean;
  /** A flag: hosts form addresses by SLAAC; true unless told. */
  readonly autonomous?: boolean;
  /** 86400 unless told; 0 withdraws the prefix. */
  readonly valid?: number;
  /** 14400 unless told, never more than `valid`; 0 deprecates the prefix. */
  readonly preferred?: number;
}

/** What one router says in its Router Advertisements (RFC 4861 section 4.2). */
export interface RaDescription {
  /** The network's own /64 unless told; a text is a prefix with standard values. */
  readonly prefixes?: readonly (string | PrefixDescription)[];
  /** M flag; set where the network's DHCPv6 is `kea` unless told. */
  readonly managed?: boolean;
  /** O flag; set where the network has DHCPv6 unless told. */
  readonly other?: boolean;
  /** 0: not a default router; 1800 unless told. */
  readonly routerLifetime?: number;
  /** RFC 4191; medium unless told. */
  readonly preference?: "low" | "medium" | "high";
  /** Name servers (RFC 8106); the router's own address in its first prefix unless told, which has a name server. */
  readonly rdnss?: readonly string[];
  readonly rdnssLifetime?: number;
  /** Search list (RFC 8106); none unless told. */
  readonly dnssl?: readonly string[];
  /** NAT64 prefix (RFC 8781), such as `2001:db8:64::/96`; it comes in advertisements of its own, one a second. None unless told. */
  readonly pref64?: string;
  readonly mtu?: number;
  /** Unsolicited advertisements come every 3 to `maxInterval` seconds; 4, the least there is, unless told. */
  readonly maxInterval?: number;
}

/** What Kea hands out; times in seconds. */
export interface Dhcp6Options {
  /** The network's first prefix unless told; Kea knows one subnet. */
  readonly subnet: string;
  /** `::1000` to `::1fff` of the subnet unless told; undefined: answers Information-requests only. */
  readonly pool: readonly [first: string, last: string] | undefined;
  /** 600 unless told. */
  readonly validSeconds: number;
  /** 300 unless told. */
  readonly preferredSeconds: number;
  /** Half and 0.8 of the preferred time, as Kea computes them, unless told. */
  readonly t1Seconds?: number;
  readonly t2Seconds?: number;
  /** Answers a SOLICIT that asks for it by a REPLY; true unless told. */
  readonly rapidCommit: boolean;
  /** The router's own address unless told. */
  readonly dns: readonly string[];
  /** Option 24. */
  readonly domain?: string;
  /** Options 32 and 82, when told. */
  readonly informationRefreshSeconds?: number;
  readonly solMaxRtSeconds?: number;
  /** Tells of every packet in its log, which costs it much of its speed; true unless told. */
  readonly logPackets: boolean;
}

export type RaKind = "radvd" | "dnsmasq";
export type Dhcp6Kind = "kea" | "dnsmasq";

/** A second router on the segment, with its own way to the same host beyond. */
export interface SecondRouterDescription extends RaDescription {
  readonly mac?: string;
  /** Whether it advertises from the beginning; true unless told. */
  readonly started?: boolean;
}

/** IPv6 of a network. The router has ::1 of each prefix, clients ::2 and on, the second router ::fd. */
export interface Ipv6Description extends RaDescription {
  /**
   * Who sends Router Advertisements; radvd unless told. dnsmasq chooses M, O, L and A itself: with `dhcp6: "dnsmasq"` it says
   * `ra-stateless` (O), otherwise `ra-only`; both are one process then, `wan.ra`.
   */
  readonly ra?: RaKind | "none";
  /** Whether advertisements come from the beginning; true unless told. */
  readonly raStarted?: boolean;
  /** `kea`: stateful. `dnsmasq`: stateless. None unless told; with `managed: true` that is a network whose DHCPv6 never answers. */
  readonly dhcp6?: Dhcp6Kind | "none";
  readonly dhcp6Options?: Partial<Dhcp6Options>;
  readonly dhcp6Started?: boolean;
  /** How clients get IPv6: static addresses, or their own kernel's SLAAC; static unless told. */
  readonly clients?: "static" | "slaac";
  readonly secondRouter?: SecondRouterDescription;
  /**
   * A NAT64 in the first router, reached by this prefix, such as `2001:db8:64::/96`; the way to the host beyond. Hosts learn of it by `pref64`, by the router's name server
   * (`nat64Name`), or not at all.
   */
  readonly nat64?: string;
  /** Whether the name server makes IPv6 addresses of `ipv4only.arpa` (RFC 7050); false unless told. */
  readonly nat64Name?: boolean;
}

/** The n-th address of a /64, n in hexadecimal text: `hostOf6("2001:db8:a::/64", "fd")` is 2001:db8:a::fd. */
export const hostOf6 = (prefix: string, n: string): string => `${prefix.split("/")[0]}${n}`;

/** The /64 of the documentation range (RFC 3849) that a network has unless told. Errors: a name that is not one hex digit. */
export function standardPrefix(network: string): string {
  if (!/^[0-9a-f]$/.test(network)) throw new Error(`say which IPv6 prefixes the network ${network} has`);
  return `2001:db8:${network}::/64`;
}
