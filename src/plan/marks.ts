/** The marks by which everything the gateway owns in the kernel is known, so that a sweep needs no memory. */
import type { Cidr6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import { type Mac, macDigits, parseMac } from "../base/mac.ts";
import { perhaps } from "../base/parsed.ts";

/** Identities are macvlans named `gw` and the 12 hex digits of their MAC. */
export const identityPrefix = "gw";
/** The nftables table that holds our chains, sets and maps. */
export const nftTable = { family: "inet", name: "ipv4_ipv6_gateway" } as const;
/** What stops IPv6 from being forwarded. */
export const nftTable6 = { family: "ip6", name: nftTable.name } as const;
/** rtnetlink protocol number on our rules, routes and neighbour entries (unassigned in iproute2's rt_protos). */
export const routeProtocol = 71;
/** The first routing table of a device (`device-table`). */
export const tableBase = 1_000_000;
/** The gateway's own way out through a device's identity. */
export const borrowTable = tableBase - 1;
/** IPv6 routes of all identities, each for one source address. */
export const sourceTable = tableBase - 2;
/** The tunnel interface between the kernel and the program that translates the devices' IPv4; no name of an identity, and none that `gw*` matches. */
export const translatorName = "xlat464";
/** The other end of it, where the translator is a network namespace and no program. */
export const translatorPeer = "xlat464p";
/**
 * Inside this prefix, in the last 32 bits, a LAN address stands between translator and kernel. It is seen nowhere else: on the WAN the identity's own address
 * takes its place (RFC 4193, a random global ID).
 */
export const innerPrefix: Cidr6 = { address: "fd2c:81a7:464::" as Ip6, length: 96 };
/** Interface group, as iproute2 prints it, of the identities and of a silent WAN port: their routes in `main` are not for the gateway's own traffic. */
export const wanGroup = "7171";
/** The same, of identities that go together, for the moment until they do. */
export const leavingGroup = "7172";
/** On packets that are such answers; the lower half is left to others. */
export const answerMark = { value: "0x71710000", mask: "0xffff0000" } as const;
/**
 * On packets that our rules let in although nobody here asked for them. Another firewall on the machine judges them once more and asks for this mark, as OpenWrt's does in
 * deploy/openwrt/files/usr/share/nftables.d: where our table is gone nothing has it, and nothing comes in.
 */
export const letInMark = { value: "0x71720000", mask: answerMark.mask } as const;
/** On translated datagrams that leave, whose flow is written down where they do (plan/short-ways). */
export const shortWayMark = { value: "0x71730000", mask: answerMark.mask } as const;
/** The statement that sets a mark and leaves the rest of the packet's bits to others. */
export const setMark = ({ value, mask }: { readonly value: string; readonly mask: string }): string =>
  `meta mark set meta mark and ${complement(mask)} or ${value}`;

/** Of a mask of 32 bits. */
const complement = (mask: string): string => `0x${(~Number(mask) >>> 0).toString(16).padStart(8, "0")}`;

/** Our rules stand between `local` (0) and `main` (32766). */
export const rulePreferences = {
  /** Answers to IPv6 clients go back to the translator, whatever the device's own way is. */
  clients: 9_999,
  /** LAN to LAN stays in the main table. */
  hairpin: 10_000,
  /** What does not come from the LAN skips the tree. */
  skip: 10_001,
  /** What comes from the LAN with an address not of the LAN goes nowhere. */
  foreign: 10_002,
  /** Answers to what came in by a WAN port that is a host of its own go back that way, whatever the device's own way is. */
  answers: 10_003,
  tree: 10_010,
  /** A device whose own table has no answer goes nowhere, least of all through another's identity. */
  closed: 32_700,
  end: 32_701,
  /** The gateway's own traffic goes where `main` says, unless that is the WAN port, which is silent, or just any identity. */
  ownMain: 32_710,
  ownDefault: 32_711,
  /** What is left of it leaves through a borrowed identity. */
  borrow: 32_712,
} as const;

/** Our IPv6 rules; each family has rules of its own. */
export const rulePreferences6 = {
  /** What has the address of an identity leaves through that identity, whatever `main` says. */
  source: 10_000,
  /** As in IPv4; here the kernel has put each prefix on every identity, and the first may be one that the network does not admit. */
  ownMain: rulePreferences.ownMain,
  borrow: rulePreferences.borrow,
} as const;

export const identityName = (mac: Mac): string => identityPrefix + macDigits(mac);

/** The MAC an interface name stands for, or undefined when the name is not an identity's. */
export function identityMac(ifname: string): Mac | undefined {
  if (!/^gw[0-9a-f]{12}$/.test(ifname)) return undefined;
  return perhaps(parseMac(ifname.slice(identityPrefix.length)));
}

/** The metric of its route marks an address that we put on the LAN port; a label would make it another interface to dnsmasq. */
export const lanMetric = 7171;
