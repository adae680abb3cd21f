import type { Cidr6 } from "../../base/cidr6.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Instant, WallTime } from "../../base/time.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Information6, Lease6 } from "../../machine/dhcp6/lease.ts";

/** Whether a device may have an identity on the WAN. */
export type Stage =
  /** Never impersonated; the reason says why. */
  | { readonly tag: "refused"; readonly reason: string }
  /** Waits for its turn (pacing). */
  | { readonly tag: "pending" }
  | { readonly tag: "admitted" };

/** What an identity and one server have come to. */
export type Asking<Lease> =
  /** Nothing asked yet, or nothing to ask for. */
  | { readonly tag: "idle" }
  | { readonly tag: "asking"; readonly attempt: number; readonly of: number }
  /** All attempts are used up; slow ones go on. */
  | { readonly tag: "failed"; readonly reason: string }
  | { readonly tag: "leased"; readonly lease: Lease };

/** The network prefers IPv6 alone, and the device does with that: no DHCPv4 until then (RFC 8925). */
export interface Resting {
  readonly tag: "resting";
  readonly until: WallTime;
}

export interface Ipv4State {
  readonly dhcp: Asking<Lease4> | Resting;
  /** The kernel carries the lease's address and what leads to it. */
  readonly installed: boolean;
}

/** An address beyond the link that the kernel has on the identity. */
export interface OwnAddress6 {
  readonly ip: Ip6;
  readonly origin: "slaac" | "leased";
  /** `duplicate`: another host uses it (RFC 4862 section 5.4); `deprecated`: for what is open, not for new connections. */
  readonly state: "tentative" | "usable" | "deprecated" | "duplicate";
}

export interface Ipv6State {
  readonly dhcp: Asking<Lease6>;
  /** From an INFORMATION-REQUEST. */
  readonly information?: Information6;
  readonly addresses: readonly OwnAddress6[];
  /** A usable address is there, what leads to it, and the network has answered the device. */
  readonly installed: boolean;
  /** The router that does not answer the device. */
  readonly silentRouter?: Ip6;
}

/** One device behind the gateway. Values are replaced, never changed. */
export interface Device {
  readonly mac: Mac;
  /** Its address on the LAN. */
  readonly lanIp?: Ip4;
  readonly hostname?: string;
  readonly fingerprint: Fingerprint;
  readonly discoveredAt: WallTime;
  readonly lastSeen: WallTime;
  readonly lastSeenAt: Instant;
  readonly stage: Stage;
  readonly ipv4: Ipv4State;
  readonly ipv6: Ipv6State;
  /** The NAT64 by which its IPv4 goes, while the network has none for it (464XLAT). */
  readonly nat64?: Cidr6;
}

/** Of a device that has asked for nothing yet. */
export const blank: Pick<Device, "ipv4" | "ipv6"> = {
  ipv4: { dhcp: { tag: "idle" }, installed: false },
  ipv6: { dhcp: { tag: "idle" }, addresses: [], installed: false },
};

/** Whether the device has, or is about to have, an interface on the WAN. */
export const hasIdentity = ({ stage }: Device): boolean => stage.tag === "admitted";

export const leaseOf = ({ ipv4: { dhcp } }: Device): Lease4 | undefined =>
  dhcp.tag === "leased" ? dhcp.lease : undefined;

/** Whether it has given IPv4 up because the network asked for that. */
export const restsFromIpv4 = ({ ipv4 }: Device): boolean => ipv4.dhcp.tag === "resting";

export const lease6Of = ({ ipv6: { dhcp } }: Device): Lease6 | undefined =>
  dhcp.tag === "leased" ? dhcp.lease : undefined;

/** Its addresses beyond the link that others can reach it at; one that the network does not answer has none. */
export const reachable6 = ({ ipv6 }: Device): readonly Ip6[] =>
  ipv6.silentRouter
    ? []
    : ipv6.addresses.filter((a) => a.state === "usable" || a.state === "deprecated").map((a) => a.ip);
