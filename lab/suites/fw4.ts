/**
 * OpenWrt's firewall beside ours: the ruleset that fw4 of 24.10 renders (firewall4's templates) from /etc/config/firewall as it is shipped, with the lab's ports and `list device 'gw+'` in
 * zone wan. The files it includes are those that the package installs.
 */
import { readdirSync } from "node:fs";
import type { Namespace } from "../netns.ts";
import { projectFile } from "../paths.ts";

const directory = projectFile("deploy/openwrt/files/usr/share/nftables.d");

/** As fw4 finds and names them: `chain-pre/input` and so on. */
function includes(position: string): string {
  const names = readdirSync(`${directory}/${position}`).filter((name) => name.endsWith(".nft"));
  return names.map((name) => `\t\tinclude "${directory}/${position}/${name}"\n`).join("");
}

/** Every chain that has files of ours; the fixture must have a place for each. */
const positions = ["chain-pre/input", "chain-post/forward"] as const;

function place(isShipped: boolean): Readonly<Record<(typeof positions)[number], string>> {
  const there = readdirSync(directory).flatMap((kind) =>
    readdirSync(`${directory}/${kind}`).map((chain) => `${kind}/${chain}`),
  );
  const unknown = there.filter((path) => !positions.some((known) => known === path));
  if (unknown.length > 0) throw new Error(`the ruleset of fw4 has no place for ${unknown.join()}`);
  const text = (position: string): string => (isShipped ? includes(position) : "");
  return { "chain-pre/input": text("chain-pre/input"), "chain-post/forward": text("chain-post/forward") };
}

/** The devices of zone wan, one rule for each wildcard. */
const wan = (rule: (match: string) => string): string =>
  ["gw*", "eth0"].map((ifname) => `\t\t${rule(`"${ifname}"`)}\n`).join("");

export function fw4Ruleset({ withOurs }: { readonly withOurs: boolean }): string {
  const ours = place(withOurs);
  return `table inet fw4
flush table inet fw4

table inet fw4 {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept comment "!fw4: Accept traffic from loopback"
${ours["chain-pre/input"]}		ct state vmap { established : accept, related : accept } comment "!fw4: Handle inbound flows"
		tcp flags & (fin | syn | rst | ack) == syn jump syn_flood comment "!fw4: Rate limit TCP syn packets"
		iifname "eth1" jump input_lan comment "!fw4: Handle lan IPv4/IPv6 input traffic"
${wan((iif) => `iifname ${iif} jump input_wan comment "!fw4: Handle wan IPv4/IPv6 input traffic"`)}		jump handle_reject
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state vmap { established : accept, related : accept } comment "!fw4: Handle forwarded flows"
		iifname "eth1" jump forward_lan comment "!fw4: Handle lan IPv4/IPv6 forward traffic"
${wan((iif) => `iifname ${iif} jump forward_wan comment "!fw4: Handle wan IPv4/IPv6 forward traffic"`)}${ours["chain-post/forward"]}		jump handle_reject
	}
	chain output {
		type filter hook output priority filter; policy accept;
		oif "lo" accept comment "!fw4: Accept traffic towards loopback"
		ct state vmap { established : accept, related : accept } comment "!fw4: Handle outbound flows"
		oifname "eth1" jump output_lan comment "!fw4: Handle lan IPv4/IPv6 output traffic"
${wan((oif) => `oifname ${oif} jump output_wan comment "!fw4: Handle wan IPv4/IPv6 output traffic"`)}	}
	chain prerouting {
		type filter hook prerouting priority filter; policy accept;
	}
	chain handle_reject {
		meta l4proto tcp reject with tcp reset comment "!fw4: Reject TCP traffic"
		reject with icmpx type port-unreachable comment "!fw4: Reject any other traffic"
	}
	chain syn_flood {
		limit rate 25/second burst 50 packets return comment "!fw4: Accept SYN packets below rate-limit"
		drop comment "!fw4: Drop excess packets"
	}
	chain input_lan {
		jump accept_from_lan
	}
	chain output_lan {
		jump accept_to_lan
	}
	chain forward_lan {
		jump accept_to_wan comment "!fw4: Accept lan to wan forwarding"
		jump accept_to_lan
	}
	chain accept_from_lan {
		iifname "eth1" counter accept comment "!fw4: accept lan IPv4/IPv6 traffic"
	}
	chain accept_to_lan {
		oifname "eth1" counter accept comment "!fw4: accept lan IPv4/IPv6 traffic"
	}
	chain input_wan {
		meta nfproto ipv4 udp dport 68 counter accept comment "!fw4: Allow-DHCP-Renew"
		icmp type 8 counter accept comment "!fw4: Allow-Ping"
		meta nfproto ipv4 meta l4proto igmp counter accept comment "!fw4: Allow-IGMP"
		meta nfproto ipv6 udp dport 546 counter accept comment "!fw4: Allow-DHCPv6"
		ip6 saddr fe80::/10 icmpv6 type . icmpv6 code { 130 . 0, 131 . 0, 132 . 0, 143 . 0 } counter accept comment "!fw4: Allow-MLD"
		icmpv6 type { 128, 129, 1, 3, 133, 134 } limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Input"
		icmpv6 type . icmpv6 code { 2 . 0, 4 . 0, 4 . 1, 135 . 0, 136 . 0 } limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Input"
		jump reject_from_wan
	}
	chain output_wan {
		jump accept_to_wan
	}
	chain forward_wan {
		icmpv6 type { 128, 129, 1, 3 } limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Forward"
		icmpv6 type . icmpv6 code { 2 . 0, 4 . 0, 4 . 1 } limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Forward"
		meta l4proto esp counter jump accept_to_lan comment "!fw4: Allow-IPSec-ESP"
		udp dport 500 counter jump accept_to_lan comment "!fw4: Allow-ISAKMP"
		jump drop_to_wan
	}
	chain accept_to_wan {
${wan((oif) => `meta nfproto ipv4 oifname ${oif} ct state invalid counter drop comment "!fw4: Prevent NAT leakage"`)}${wan((oif) => `oifname ${oif} counter accept comment "!fw4: accept wan IPv4/IPv6 traffic"`)}	}
	chain reject_from_wan {
${wan((iif) => `iifname ${iif} counter jump handle_reject comment "!fw4: reject wan IPv4/IPv6 traffic"`)}	}
	chain drop_to_wan {
${wan((oif) => `oifname ${oif} counter drop comment "!fw4: drop wan IPv4/IPv6 traffic"`)}	}
	chain dstnat {
		type nat hook prerouting priority dstnat; policy accept;
	}
	chain srcnat {
		type nat hook postrouting priority srcnat; policy accept;
${wan((oif) => `oifname ${oif} jump srcnat_wan comment "!fw4: Handle wan IPv4/IPv6 srcnat traffic"`)}	}
	chain srcnat_wan {
		meta nfproto ipv4 masquerade comment "!fw4: Masquerade IPv4 wan traffic"
	}
	chain raw_prerouting {
		type filter hook prerouting priority raw; policy accept;
	}
	chain raw_output {
		type filter hook output priority raw; policy accept;
	}
	chain mangle_prerouting {
		type filter hook prerouting priority mangle; policy accept;
	}
	chain mangle_postrouting {
		type filter hook postrouting priority mangle; policy accept;
${wan((oif) => `oifname ${oif} tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu comment "!fw4: Zone wan IPv4/IPv6 egress MTU fixing"`)}	}
	chain mangle_input {
		type filter hook input priority mangle; policy accept;
	}
	chain mangle_output {
		type route hook output priority mangle; policy accept;
	}
	chain mangle_forward {
		type filter hook forward priority mangle; policy accept;
${wan((iif) => `iifname ${iif} tcp flags & (fin | syn | rst) == syn tcp option maxseg size set rt mtu comment "!fw4: Zone wan IPv4/IPv6 ingress MTU fixing"`)}	}
}
`;
}

/** `fw4 start` and `fw4 reload`: one transaction. */
export const loadFw4 = (namespace: Namespace, options = { withOurs: true }): Promise<void> =>
  namespace.nft(fw4Ruleset(options));
