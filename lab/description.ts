import type { Ipv6Description } from "./description6.ts";
import type { DhcpOptions, DhcpServerKind } from "./servers/dhcp-server.ts";

/** A network behind the gateway's WAN port; what is left out has the standard value. */
export interface WanDescription {
  /** `a` unless told; each network of a lab has a name of its own. */
  readonly name?: string;
  /** 198.51.100.0/24 unless told. The router has .1, clients .2 and on. */
  readonly subnet?: string;
  /** false: router and clients have no IPv4, and nobody serves DHCPv4; true unless told. */
  readonly ipv4?: boolean;
  /** Absent: no IPv6 at all. `{}`: one prefix by SLAAC. */
  readonly ipv6?: Ipv6Description;
  /** The router's MAC on the segment. */
  readonly routerMac?: string;
  /** Which program serves DHCP; `none` for a network without IPv4 leases. dnsmasq unless told. */
  readonly dhcp?: DhcpServerKind | "none";
  /** Pool, lease times and the rest; the pool is .100 to .199 and leases hold 600 s unless told. */
  readonly dhcpOptions?: Partial<DhcpOptions>;
  /** Whether the DHCP server runs from the beginning; true unless told. */
  readonly dhcpStarted?: boolean;
  /** MACs the firewall admits. */
  readonly registered?: readonly string[];
  /** On unless told. */
  readonly sourceGuard?: boolean;
  /** How long the switch keeps a snooped binding: the lease time and 5 s unless told; `forever`. */
  readonly bindingSeconds?: number | "forever";
  /**
   * Hosts on the WAN segment, with web (80), banner (23) and UDP echo (7) servers; 1 unless told. A number of them has what the
   * network has; a list says it of each.
   */
  readonly clients?: number | readonly ClientKind[];
}

export type ClientKind = "ipv4" | "ipv6" | "dual";

export interface LabDescription {
  /** The gateway's LAN address is the first host of it; 192.168.1.0/24 unless told. The lab does not set it: the gateway does. */
  readonly lan?: { readonly subnet?: string };
  /** The network the gateway is plugged into. */
  readonly wan?: WanDescription;
  /** MACs of the gateway's own ports. */
  readonly gateway?: { readonly lanMac?: string; readonly wanMac?: string };
}

export const standardMacs = {
  gatewayWan: "00:00:5e:00:53:f0",
  gatewayLan: "00:00:5e:00:53:f1",
  router: "00:00:5e:00:53:fe",
  secondRouter: "00:00:5e:00:53:fd",
} as const;

/** MACs of the documentation range (RFC 7042 section 2.1.1) for devices: n from 1 to 223. */
export const deviceMac = (n: number): string => `00:00:5e:00:53:${n.toString(16).padStart(2, "0")}`;

/** The n-th address of a subnet, `hostOf("198.51.100.0/24", 2)` is 198.51.100.2. */
export function hostOf(subnet: string, n: number): string {
  const [network = ""] = subnet.split("/");
  const value = network.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export const prefixLengthOf = (subnet: string): string => subnet.split("/")[1] ?? "24";
