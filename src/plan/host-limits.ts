/** Limits of the host that a crowd of devices needs raised, as settings under /proc/sys. */

export interface HostLimit {
  readonly key: string;
  readonly value: number;
  /** `least`: a larger value stays. */
  readonly kind: "least" | "exact";
}

/** Neighbours a device has on LAN and WAN together, a family: itself, two routers, a server on the link. */
const neighboursPerDevice = 4;
/** Connections of a busy device; most have a tenth. */
const connectionsPerDevice = 256;
/** The gateway's own and those of a crowd that is smaller than its bursts. */
const baseConnections = 4096;

const transitory = 240;

/**
 * Seconds until a connection without packets is forgotten. The kernel's five days for established TCP fill the table with the dead;
 * the rest of its values are below what a NAT must keep.
 */
const timeouts: readonly (readonly [name: string, seconds: number])[] = [
  // 2 h 4 min (RFC 5382 REQ-5).
  ["tcp_timeout_established", 7440],
  // Half-open and closing, 4 min (RFC 5382 REQ-5, RFC 7857 section 2).
  ["tcp_timeout_syn_sent", transitory],
  ["tcp_timeout_syn_recv", transitory],
  ["tcp_timeout_fin_wait", transitory],
  ["tcp_timeout_close_wait", transitory],
  ["tcp_timeout_last_ack", transitory],
  ["tcp_timeout_time_wait", transitory],
  // 2 min at the least, 5 recommended (RFC 4787 REQ-5): the former for what nobody answered.
  ["udp_timeout", 120],
  ["udp_timeout_stream", 300],
  // RFC 5508 REQ-2.
  ["icmp_timeout", 60],
  ["icmpv6_timeout", 60],
];

/** In the order of writing. */
export function planHostLimits(maxDevices: number): readonly HostLimit[] {
  const neighbours = maxDevices * neighboursPerDevice;
  return [
    // Below the first nothing is collected, above the third nothing is added; in between idle entries go.
    ...["ipv4", "ipv6"].flatMap((family) =>
      [neighbours, neighbours * 2, neighbours * 4].map((value, n) =>
        atLeast(`net/${family}/neigh/default/gc_thresh${n + 1}`, value),
      ),
    ),
    atLeast(conntrack("max"), baseConnections + maxDevices * connectionsPerDevice),
    ...timeouts.map(([name, value]): HostLimit => ({ key: conntrack(name), value, kind: "exact" })),
  ];
}

const conntrack = (name: string): string => `net/netfilter/nf_conntrack_${name}`;
const atLeast = (key: string, value: number): HostLimit => ({ key, value, kind: "least" });

/** Whichever number of devices they are planned for. */
export const hostLimitKeys: ReadonlySet<string> = new Set(planHostLimits(1).map(({ key }) => key));
