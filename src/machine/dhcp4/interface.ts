/** What goes into the DHCPv4 client machine and what comes out. The machine itself: step.ts. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import type { Duration, Instant } from "../../base/time.ts";
import type { Dhcp4Message } from "../../wire/dhcp4/message.ts";
import type { Lease4 } from "./lease.ts";

/** How the device presents itself to DHCP servers, as learnt on the LAN (options 12, 55, 57, 60, 61). */
export interface Fingerprint {
  readonly hostName?: string;
  readonly parameterList?: readonly number[];
  readonly maxMessageSize?: number;
  readonly vendorClass?: Uint8Array;
  readonly clientId?: Uint8Array;
}

export interface Dhcp4Settings {
  /** One attempt: from its first message to giving it up (`dhcpv4.timeout`). */
  readonly timeout: Duration;
  /** Attempts before the client counts as failed (`dhcpv4.retries`). */
  readonly retries: number;
  /** Pause after a failed attempt; grows with each (`dhcpv4.retry_delay`). */
  readonly retryDelay: Duration;
  /** Pause between the slow attempts of a failed client; doubles up to ten times this (`dhcpv4.failed_retry`). */
  readonly failedRetry: Duration;
}

/** Everything besides state, input and time that a step may look at. */
export interface Dhcp4Env {
  readonly mac: Mac;
  readonly fingerprint: Fingerprint;
  readonly settings: Dhcp4Settings;
  readonly rng: Rng;
  /** Whether the device can do without IPv4 now: only then is option 108 asked for, and obeyed (RFC 8925 section 3.2). */
  readonly v6Only: boolean;
  /** Why this address must not be taken (inside our LAN, held by another identity), or undefined when it may. */
  readonly refuse: (address: Ip4) => string | undefined;
}

export type Dhcp4Input =
  /** Begin; with a stored, unexpired lease in INIT-REBOOT, else in INIT. */
  | { readonly kind: "start"; readonly stored?: Lease4 }
  /** `wakeAt` was reached; waking early is harmless. */
  | { readonly kind: "timer" }
  /** A message for this chaddr; the machine itself checks xid, server and client-id. */
  | {
      readonly kind: "message";
      readonly message: Dhcp4Message;
      readonly sourceIp: Ip4;
      readonly sourceMac: Mac;
    }
  /** An ARP frame from another station (never from one of our own identities). */
  | { readonly kind: "arp"; readonly senderIp: Ip4; readonly senderMac: Mac; readonly targetIp: Ip4 }
  /** The WAN may be another network now: verify the lease (RFC 2131 section 3.7). */
  | { readonly kind: "link-changed" }
  /** The WAN is another network: forget the lease, tell no server, begin anew at once. `why`: the words for it, where it is not proven. */
  | { readonly kind: "moved"; readonly why?: string }
  /** The operator asks for a fresh try now. */
  | { readonly kind: "retry" }
  /** The device is forgotten: RELEASE and stop. */
  | { readonly kind: "release" };

export type Dhcp4Destination =
  | { readonly kind: "broadcast" }
  /** From the lease's address, to the server through the next hop's MAC. */
  | { readonly kind: "unicast"; readonly source: Ip4; readonly ip: Ip4; readonly mac: Mac };

export type Dhcp4Effect =
  | { readonly kind: "send"; readonly message: Dhcp4Message; readonly to: Dhcp4Destination }
  /** RFC 5227 section 2.1.1: sender IP 0.0.0.0. */
  | { readonly kind: "arp-probe"; readonly ip: Ip4 }
  /** RFC 5227 section 2.3. */
  | { readonly kind: "arp-announce"; readonly ip: Ip4 }
  /** Put this lease on the identity (also when a renewal changed its parameters). */
  | { readonly kind: "configure"; readonly lease: Lease4 }
  /** Take this address off the identity at once. */
  | { readonly kind: "deconfigure"; readonly address: Ip4 }
  | { readonly kind: "event"; readonly event: Dhcp4Event };

/** What a person wants to know; the app logs it, counts it and keeps it in the device's timeline. */
export type Dhcp4Event =
  | {
      readonly kind: "requesting";
      readonly attempt: number;
      readonly of: number;
      readonly how: "discover" | "init-reboot";
    }
  | {
      readonly kind: "attempt-failed";
      readonly attempt: number;
      readonly of: number;
      readonly reason: string;
    }
  | { readonly kind: "obtained"; readonly lease: Lease4; readonly how: "discover" | "init-reboot" | "kept" }
  | { readonly kind: "renewed"; readonly lease: Lease4; readonly how: "renew" | "rebind" }
  | { readonly kind: "lost"; readonly address: Ip4; readonly reason: string }
  | { readonly kind: "conflict"; readonly address: Ip4; readonly with: Mac }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "released"; readonly address: Ip4 }
  /** The network prefers IPv6 alone, and the device can do with that: no DHCPv4 until then (RFC 8925). */
  | { readonly kind: "resting"; readonly until: Instant };

export interface Dhcp4Result<State> {
  readonly state: State;
  readonly effects: readonly Dhcp4Effect[];
  /** When to send `timer`; `never` when nothing is due. */
  readonly wakeAt: Instant;
}
