/** DHCPv6 messages as values (RFC 8415, RFC 9915). Codecs: parse.ts, emit.ts; one file an option in ../dhcp6-options. */
import type { Ip6 } from "../../base/ip6.ts";

/** RFC 8415 section 7.3. Relay messages are none of a client's business. */
export const messageTypes6 = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  reconfigure: 10,
  "information-request": 11,
} as const;
export type MessageType6 = keyof typeof messageTypes6;

/** RFC 8415 section 21.13. Codes without a name here are kept as numbers. */
export const statusCodes = {
  success: 0,
  unspecFail: 1,
  noAddrsAvail: 2,
  noBinding: 3,
  notOnLink: 4,
  useMulticast: 5,
} as const;

/** An option as bytes, without its code and length. */
export interface RawOption {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface Status {
  readonly code: number;
  /** UTF-8; damaged sequences read as U+FFFD. */
  readonly text: string;
}

/** RFC 8415 section 21.6; lifetimes in seconds, 0xffffffff is infinite. */
export interface IaAddress {
  readonly address: Ip6;
  readonly preferred: number;
  readonly valid: number;
  readonly status?: Status;
  /** Options that have no type here, in the order of the packet; absent when there are none. */
  readonly unknown?: readonly RawOption[];
}

/** RFC 8415 section 21.4; T1 and T2 in seconds, 0: the client's choice. */
export interface IaNa {
  readonly iaid: number;
  readonly t1: number;
  readonly t2: number;
  readonly addresses: readonly IaAddress[];
  readonly status?: Status;
  /** Options that have no type here, in the order of the packet; absent when there are none. */
  readonly unknown?: readonly RawOption[];
}

/** Decoded options; an absent key is an absent option. */
export interface Dhcp6Options {
  /** 1: a whole DUID */ readonly clientId?: Uint8Array;
  /** 2: a whole DUID */ readonly serverId?: Uint8Array;
  /** 3, in the order of the packet; may stand several times */ readonly iaNa?: readonly IaNa[];
  /** 6 */ readonly requestList?: readonly number[];
  /** 7 */ readonly preference?: number;
  /** 8, hundredths of a second, at most 65535 */ readonly elapsed?: number;
  /** 11, as bytes: present means authenticated, which we cannot check */ readonly auth?: Uint8Array;
  /** 13, of the whole message */ readonly status?: Status;
  /** 14 */ readonly rapidCommit?: true;
  /** 16, as bytes */ readonly vendorClass?: Uint8Array;
  /** 19: message type to answer with */ readonly reconfigure?: number;
  /** 23 (RFC 3646) */ readonly dnsServers?: readonly Ip6[];
  /** 24 (RFC 3646) */ readonly domainSearch?: readonly string[];
  /** 32, seconds */ readonly informationRefresh?: number;
  /**
   * 39 (RFC 4704): flags and name, without a trailing dot, maybe empty; `absolute`: it is whole, and not one to which the
   * server is to add its domain
   */
  readonly fqdn?: { readonly flags: number; readonly name: string; readonly absolute?: true };
  /** 56 (RFC 5908): server addresses only */ readonly ntpServers?: readonly Ip6[];
  /** 82, seconds, 60 to 86400 */ readonly solMaxRt?: number;
  /** 83, seconds, 60 to 86400 */ readonly infMaxRt?: number;
}

export interface Dhcp6Message {
  readonly type: MessageType6;
  /** 24 bits. */
  readonly xid: number;
  readonly options: Dhcp6Options;
  /** Options this codec has no type for, in the order of the packet. */
  readonly unknown: readonly RawOption[];
  /**
   * Options that were there and made no sense; left out of `options`, the packet is kept. Also those inside an IA, which
   * is kept as well: `why` begins with the place, as in "in IA 7: at 2001:db8::1: …".
   */
  readonly malformed: readonly { readonly code: number; readonly why: string }[];
}
