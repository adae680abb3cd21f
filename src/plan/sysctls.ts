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
    // The larger of this and an identity's own value counts, and answers arrive where the main table has no way back.
    ["net/ipv4/conf/all/rp_filter", "0"],
    // Without it the port itself answers ARP for every identity's address, with the wrong MAC. 8: for no local address.
    [`${wan}/arp_ignore`, ownMac === "silent" ? "8" : "1"],
    [`${wan}/arp_announce`, "2"],
  ];
  if (ownMac === "silent") settings.push([`net/ipv6/conf/${wanPort}/disable_ipv6`, "1"]);
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

/** Settings of one identity in the order of writing, all before it goes up, so that it never answers for another's address. */
export function identitySettings(ifname: string): readonly IdentitySetting[] {
  const v4 = `net/ipv4/conf/${ifname}`;
  return [
    { key: forwardingKey(ifname), value: "1", decisive: true },
    { key: `${v4}/arp_ignore`, value: "1" },
    { key: `${v4}/arp_announce`, value: "2" },
    { key: `${v4}/rp_filter`, value: "0" },
    { key: `${v4}/accept_redirects`, value: "0" },
    { key: `${v4}/send_redirects`, value: "0" },
    { key: `${v4}/accept_source_route`, value: "0" },
    // A new address comes before the old one goes, and must not go with it.
    { key: `${v4}/promote_secondaries`, value: "1" },
    // Neighbour discovery, router solicitations and MLD start with IPv6 identities; until then not one such frame.
    { key: hasIpv6Key(ifname), value: "1", decisive: true },
  ];
}
