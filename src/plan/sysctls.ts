/** Kernel settings, as keys under /proc/sys. */

import type { Sysctl } from "./resource.ts";
import type { RulesetInput } from "./ruleset.ts";

export const forwardingKey = (ifname: string): string => `net/ipv4/conf/${ifname}/forwarding`;

/**
 * Settings of the ports and the host, put back by `cleanup`. Forwarding is turned on where packets come in and nowhere else: `ip_forward`
 * would open every interface of the host and change their redirects, which setting it back does not undo.
 */
export function planPortSysctls({ lanPort, wanPort, ownMac }: RulesetInput): Sysctl[] {
  const wan = `net/ipv4/conf/${wanPort}`;
  const settings: [string, string][] = [
    [forwardingKey(lanPort), "1"],
    // With rules for routing the kernel looks each packet's source up by all of them, to refuse its own addresses; our table does so once a connection (ADR 17).
    [`net/ipv4/conf/${lanPort}/accept_local`, "1"],
    // The larger of this and an identity's own value counts, and answers arrive where the main table has no way back.
    ["net/ipv4/conf/all/rp_filter", "0"],
    // Without it the port itself answers ARP for every identity's address, with the wrong MAC. 8: for no local address.
    [`${wan}/arp_ignore`, ownMac === "silent" ? "8" : "1"],
    [`${wan}/arp_announce`, "2"],
  ];
  if (ownMac === "silent") settings.push([`net/ipv6/conf/${wanPort}/disable_ipv6`, "1"]);
  // For what leads to the primary device.
  else settings.push([forwardingKey(wanPort), "1"]);
  return settings.map(([key, value]) => ({ kind: "sysctl", key, value }));
}

export interface IdentitySetting {
  /** As under /proc/sys, with slashes. */
  readonly key: string;
  readonly value: string;
  /** Not every kernel has it, and the identity does without. */
  readonly optional?: true;
  /** While it has another value the identity does not work, or speaks under a wrong name. */
  readonly decisive?: true;
}

/** There is such a setting wherever the interface speaks IPv6. */
export const hasIpv6Key = (ifname: string): string => `net/ipv6/conf/${ifname}/disable_ipv6`;

/**
 * Settings of one identity in the order of writing, all before it goes up, so that it never answers for another's address. What
 * the host has as its default for new interfaces does not count. Why each: docs/adr/0006-ipv6-settings.md.
 */
export const identitySettings = (ifname: string): readonly IdentitySetting[] => [
  ...settings4(`net/ipv4/conf/${ifname}`),
  ...settings6(`net/ipv6/conf/${ifname}`),
  // Last: from here on it speaks IPv6 as soon as it is up.
  { key: hasIpv6Key(ifname), value: "0", decisive: true },
];

const settings4 = (conf: string): readonly IdentitySetting[] => [
  { key: `${conf}/forwarding`, value: "1", decisive: true },
  // As at the LAN port.
  { key: `${conf}/accept_local`, value: "1" },
  { key: `${conf}/arp_ignore`, value: "1" },
  { key: `${conf}/arp_announce`, value: "2" },
  { key: `${conf}/rp_filter`, value: "0" },
  { key: `${conf}/accept_redirects`, value: "0" },
  { key: `${conf}/send_redirects`, value: "0" },
  { key: `${conf}/accept_source_route`, value: "0" },
  // A new address comes before the old one goes, and must not go with it.
  { key: `${conf}/promote_secondaries`, value: "1" },
];

/** Kernels before 6.17 forward IPv6 everywhere or nowhere. */
export const forwardingKey6 = "net/ipv6/conf/all/forwarding";

/** An identity is a host, whatever the machine is. */
export const hostKey6 = (ifname: string): string => `net/ipv6/conf/${ifname}/forwarding`;

/** Later ones know it of single interfaces. */
export const forceForwardingKey = (ifname: string): string => `net/ipv6/conf/${ifname}/force_forwarding`;

/** Settings of the translator's interface: no host, but a way through in both families. */
export const tunnelSettings = (ifname: string): readonly IdentitySetting[] => [
  { key: `net/ipv4/conf/${ifname}/forwarding`, value: "1" },
  { key: `net/ipv4/conf/${ifname}/rp_filter`, value: "0" },
  { key: `net/ipv4/conf/${ifname}/send_redirects`, value: "0" },
  // 1: no link-local address, so nothing of its own to say.
  { key: `net/ipv6/conf/${ifname}/addr_gen_mode`, value: "1" },
  { key: `net/ipv6/conf/${ifname}/accept_ra`, value: "0" },
  { key: forceForwardingKey(ifname), value: "1", optional: true },
  { key: hasIpv6Key(ifname), value: "0" },
];

/** Optional are those of kernel options that not every build has, and of newer kernels. */
const settings6 = (conf: string): readonly IdentitySetting[] => [
  // A host and no router: no router flag in advertisements, and no group of all routers to report.
  { key: `${conf}/forwarding`, value: "0" },
  // Addresses from advertisements, by EUI-64 of the identity's MAC (RFC 4291 appendix A), one a prefix.
  { key: `${conf}/addr_gen_mode`, value: "0", decisive: true },
  { key: `${conf}/use_tempaddr`, value: "0", optional: true },
  { key: `${conf}/autoconf`, value: "1", decisive: true },
  // 2: also where the host forwards.
  { key: `${conf}/accept_ra`, value: "2", decisive: true },
  { key: `${conf}/accept_ra_pinfo`, value: "1" },
  { key: `${conf}/accept_ra_mtu`, value: "1" },
  // Lifetimes count as advertised; the two-hour rule would keep withdrawn prefixes (RFC 9096 section 3.4).
  { key: `${conf}/ra_honor_pio_life`, value: "1", optional: true },
  // Routes by way of routers are ours to plan, bound to the source address.
  { key: `${conf}/accept_ra_defrtr`, value: "0" },
  { key: `${conf}/accept_ra_rtr_pref`, value: "0", optional: true },
  { key: `${conf}/accept_ra_rt_info_max_plen`, value: "0", optional: true },
  // Rules of source selection come before "same interface"; never another identity's address (RFC 6724 section 4).
  { key: `${conf}/use_oif_addrs_only`, value: "1" },
  // Duplicates are detected (RFC 4862 section 5.4), and the address is used meanwhile (RFC 4429).
  { key: `${conf}/accept_dad`, value: "1" },
  { key: `${conf}/dad_transmits`, value: "1" },
  { key: `${conf}/optimistic_dad`, value: "1", optional: true },
  { key: `${conf}/use_optimistic`, value: "1", optional: true },
  // We ask once for all; one advertisement to all nodes serves every identity.
  { key: `${conf}/router_solicitations`, value: "0" },
  // Also the longest random pause before duplicates are looked for; our pacing spreads them.
  { key: `${conf}/router_solicitation_delay`, value: "0" },
  { key: `${conf}/accept_redirects`, value: "0" },
  { key: `${conf}/accept_source_route`, value: "0" },
  { key: `${conf}/suppress_frag_ndisc`, value: "1" },
  { key: `${conf}/proxy_ndp`, value: "0" },
  // We announce addresses ourselves, paced.
  { key: `${conf}/ndisc_notify`, value: "0" },
  // Answers to what was translated are handed on to the translator; whatever else, our table stops. It makes no router of the identity.
  { key: `${conf}/force_forwarding`, value: "1", optional: true },
  // Milliseconds within which a report of groups is repeated: an hour, so that a burst of identities is half as loud.
  { key: `${conf}/mldv2_unsolicited_report_interval`, value: "3600000" },
];
