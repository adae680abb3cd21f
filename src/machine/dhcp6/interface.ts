/** What goes into the DHCPv6 client machine of one device and what comes out. The machine itself: step.ts. */
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import type { Rng } from "../../base/rng.ts";
import type { Duration, Instant } from "../../base/time.ts";
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import type { Information6, Lease6 } from "./lease.ts";

export interface Dhcp6Settings {
  /** One attempt: from its first message to giving it up (`dhcpv6.timeout`). */
  readonly timeout: Duration;
  /** Attempts before the client counts as failed (`dhcpv6.retries`). */
  readonly retries: number;
  /** Pause after a failed attempt; grows with each (`dhcpv6.retry_delay`). */
  readonly retryDelay: Duration;
  /** Pause between the slow attempts of a failed client; doubles up to ten times this, or to the server's SOL_MAX_RT if that is more. */
  readonly failedRetry: Duration;
}

/** Everything besides state, input and time that a step may look at. */
export interface Dhcp6Env {
  readonly mac: Mac;
  /** The name the device gave itself on the LAN; sent as option 39. */
  readonly hostName?: string;
  readonly settings: Dhcp6Settings;
  readonly rng: Rng;
  /** Why this address must not be taken (link-local, held by another identity), or undefined when it may. */
  readonly refuse: (address: Ip6) => string | undefined;
}

/** `stateful`: addresses and the rest; `stateless`: the rest only (RFC 8415 section 18.2.6). */
export type Dhcp6Mode = "stateful" | "stateless";

export type Dhcp6Input =
  /**
   * Begin, or change to another mode; the same mode again changes nothing. With a stored lease of which an address is still
   * valid: CONFIRM (RFC 8415 section 18.2.3), the addresses being used meanwhile.
   */
  | { readonly kind: "start"; readonly mode: Dhcp6Mode; readonly stored?: Lease6 }
  /** `wakeAt` was reached; waking early is harmless. */
  | { readonly kind: "timer" }
  /** A message that came to this device's link-local address; the machine itself checks xid, DUIDs and status. */
  | { readonly kind: "message"; readonly message: Dhcp6Message }
  /** The kernel's duplicate address detection has ended for an address of the lease: in use by another, or good. */
  | { readonly kind: "dad"; readonly address: Ip6; readonly duplicate: boolean }
  /** The WAN may be another network now: CONFIRM, or an attempt anew. */
  | { readonly kind: "link-changed" }
  /** The WAN is another network: forget the lease, tell no server, begin anew at once. */
  | { readonly kind: "moved" }
  /** The operator asks for a fresh try now. */
  | { readonly kind: "retry" }
  /** Addresses are no more wanted here (RAs lost their M flag, or the device is forgotten): RELEASE what is held, and stop. */
  | { readonly kind: "release" };

export type Dhcp6Effect =
  /** From the device's link-local address and MAC, port 546, to ff02::1:2 port 547. */
  | { readonly kind: "send"; readonly message: Dhcp6Message }
  /** Put the addresses of this lease on the identity (also when a renewal changed any of it), and no other leased ones. */
  | { readonly kind: "configure"; readonly lease: Lease6 }
  /** Take all leased addresses off the identity at once. */
  | { readonly kind: "deconfigure" }
  /** Name servers and the rest from an INFORMATION-REQUEST. */
  | { readonly kind: "information"; readonly information: Information6 }
  | { readonly kind: "event"; readonly event: Dhcp6Event };

/** What a person wants to know. */
export type Dhcp6Event =
  | {
      readonly kind: "requesting";
      readonly attempt: number;
      readonly of: number;
      readonly how: "solicit" | "confirm" | "information-request";
    }
  | {
      readonly kind: "attempt-failed";
      readonly attempt: number;
      readonly of: number;
      readonly reason: string;
    }
  /** `kept`: no server answered the CONFIRM (RFC 8415 section 18.2.3). */
  | {
      readonly kind: "obtained";
      readonly lease: Lease6;
      readonly how: "solicit" | "rapid-commit" | "confirm" | "kept";
    }
  | { readonly kind: "renewed"; readonly lease: Lease6; readonly how: "renew" | "rebind" }
  | { readonly kind: "informed"; readonly information: Information6 }
  /** None is left; `addresses` are those that were. Where some stay, `configure` alone tells. */
  | { readonly kind: "lost"; readonly addresses: readonly Ip6[]; readonly reason: string }
  | { readonly kind: "conflict"; readonly address: Ip6 }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "released"; readonly addresses: readonly Ip6[] };

export interface Dhcp6Result<State> {
  readonly state: State;
  readonly effects: readonly Dhcp6Effect[];
  /** When to send `timer`; `never` when nothing is due. */
  readonly wakeAt: Instant;
}
