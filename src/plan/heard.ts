/** The table on the WAN port that keeps what one station sends to all away from the identities that it does not concern (ADR 1). */
import { hexOf } from "../base/hex.ts";
import type { Ip4 } from "../base/ip4.ts";
import { eui64Address, type Ip6, ip6ToBytes, looksMade } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import { identityMac, nftTable } from "./marks.ts";
import type { ResourceMap } from "./resource.ts";

/** What stations may ask for. */
export interface Asked {
  /** The identities' IPv4 addresses, and whose each is. */
  readonly held: ReadonlyMap<Ip4, Mac>;
  /** Their leased IPv6 addresses that look as if they were made of a MAC, and are not made of the identity's own. */
  readonly likeMade: Iterable<Ip6>;
}

export const heardTable = `netdev ${nftTable.name}_heard`;

const listed = (held: Asked["held"]): string => [...held].map(([ip, mac]) => `${ip} : ${mac}`).join(", ");

/** As the kernel reads a field of the packet: one number. */
const numbers = (ips: Iterable<Ip6>): string => [...ips].map((ip) => `0x${hexOf(ip6ToBytes(ip))}`).join(", ");

const elements = (text: string): string => (text === "" ? "" : `    elements = { ${text} }\n`);

/**
 * The target of a neighbour solicitation (RFC 4861 section 4.3) begins 48 bytes into the packet. Where its last half is made of a MAC (RFC 4291
 * appendix A), the MAC's first three bytes are at 56, its last at 61, and ff:fe between; addresses that were leased are asked of all as before,
 * also those that only look as if they were made of one.
 */
const target = "@nh,384,128";
const solicited = "icmpv6 type nd-neighbor-solicit @nh,472,16 0xfffe";
const toItsMac = "@ll,24,24 set @nh,488,24 @ll,0,24 set @nh,448,24 xor 0x020000 accept";

/** What has a tag belongs to a VLAN of somebody else on the port, though to `meta protocol` and `arp` it looks like the rest. */
const othersVlans = "ether type { 8021q, 8021ad } accept";

/** @param port the WAN port, which has no address of its own for which it could be asked */
export const renderHeard = (port: string, { held, likeMade }: Asked): string => `table ${heardTable} {
  map held {
    type ipv4_addr : ether_addr
${elements(listed(held))}  }
  set like_made {
    typeof ${target}
${elements(numbers(likeMade))}  }
  chain to_all {
    ${othersVlans}
    arp operation request ether daddr set arp daddr ip map @held accept
    arp operation request drop
    meta protocol ip drop
  }
  chain to_many {
    ${othersVlans}
    ${solicited} ${target} @like_made accept
    ${solicited} ${toItsMac}
    meta protocol ip6 meta l4proto != ipv6-icmp drop
    icmpv6 type { nd-router-solicit, mld-listener-report, mld-listener-done, mld2-listener-report } drop
    meta protocol ip drop
  }
  chain heard {
    type filter hook ingress device ${JSON.stringify(port)} priority filter; policy accept;
    meta pkttype broadcast goto to_all
    meta pkttype multicast goto to_many
  }
}
`;

/** @param gone addresses that another identity has now */
export const renderMoreHeard = ({ held, likeMade }: Asked, gone: readonly Ip4[]): string =>
  changing("delete", "held", gone.join(", ")) +
  changing("add", "held", listed(held)) +
  changing("add", "like_made", numbers(likeMade));

const changing = (verb: "add" | "delete", name: string, what: string): string =>
  what === "" ? "" : `${verb} element ${heardTable} ${name} { ${what} }\n`;

/** What the resources have of it. */
export function askedIn(desired: ResourceMap): Asked {
  const held = new Map<Ip4, Mac>();
  const likeMade: Ip6[] = [];
  for (const r of desired.values()) {
    if (r.kind !== "address" && r.kind !== "address6") continue;
    const mac = identityMac(r.ifname);
    if (!mac) continue;
    if (r.kind === "address") held.set(r.ip, mac);
    else if (looksMade(r.ip) && r.ip !== eui64Address(r.ip, mac)) likeMade.push(r.ip);
  }
  return { held, likeMade };
}
