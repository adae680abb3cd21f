/**
 * The IPv6 half of the switch's text. Source guard is first come, first served (RFC 6620): who probes for an address first (RFC 4862
 * section 5.4) has it until the cable is moved. Bindings are raw payload (MAC . IPv6), since nftables 1.0 cannot take an ether_addr or
 * an ipv6_addr out of a neighbour discovery message.
 */
const counted = (name: string, type: string): string => `set ${name} { ${type}; flags dynamic; size 65535; }`;

const pair = "typeof @ll,48,48 . @nh,64,128";

/** Counters by MAC; the nftables set of each is `seen_` and its name. */
export const kinds6 = ["ip6", "rs", "dad", "ns", "na", "mld", "dhcp6"] as const;
export type Kind6 = (typeof kinds6)[number];

const mld = "icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report }";

/** Which frames count as what; a frame counts as ip6 whatever else it is. */
const matches: Readonly<Record<Exclude<Kind6, "ip6">, string>> = {
  rs: "icmpv6 type nd-router-solicit",
  dad: "ip6 saddr :: icmpv6 type nd-neighbor-solicit",
  ns: "ip6 saddr != :: icmpv6 type nd-neighbor-solicit",
  na: "icmpv6 type nd-neighbor-advert",
  mld,
  dhcp6: "udp dport 547",
};

export const renderSets6 = (): string =>
  [
    `set bindings6 { ${pair}; flags dynamic; size 65535; }`,
    "set bound6 { typeof @nh,64,128; flags dynamic; size 65535; }",
    ...kinds6.map((kind) => counted(`seen_${kind}`, "type ether_addr")),
    counted("pairs6", "type ether_addr . ipv6_addr"),
    counted("guarded6", pair),
    counted("ever_guarded6", pair),
    "chain guard6 { }",
    "chain count6 {",
    "  update @seen_ip6 { ether saddr counter }",
    "  update @pairs6 { ether saddr . ip6 saddr counter }",
    ...Object.entries(matches).map(
      ([kind, match]) => `  ${match} update @seen_${kind} { ether saddr counter }`,
    ),
    "}",
    "chain learn6 {",
    // The target of a solicitation or advertisement is at offset 64 (bits) of ICMPv6.
    "  ip6 saddr :: icmpv6 type nd-neighbor-solicit @th,64,128 != @bound6 update @bindings6 { @ll,48,48 . @th,64,128 } update @bound6 { @th,64,128 }",
    "}",
  ].join("\n  ");

const refuse = (address: string): string => {
  const key = `{ @ll,48,48 . ${address} counter }`;
  return `update @guarded6 ${key} update @ever_guarded6 ${key} drop`;
};

const source = "@nh,64,128";
const target = "@th,64,128";

export const guardRules6: readonly string[] = [
  // Only a router may say these (RFC 6105); the gateway's port has none.
  `icmpv6 type { nd-router-advert, nd-redirect } ${refuse(source)}`,
  // An address under probe is not yet a source; group membership and routers are asked for meanwhile (RFC 3590, RFC 4861).
  "ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit } return",
  // The kernel reports memberships with the carrier, before anybody could probe anew on another network.
  `ip6 saddr { ::, fe80::/10 } ${mld} return`,
  `@ll,48,48 . ${source} != @bindings6 ${refuse(source)}`,
  `icmpv6 type nd-neighbor-advert @ll,48,48 . ${target} != @bindings6 ${refuse(target)}`,
  // Link-layer address options that name another MAC: target (type 2) of an advertisement, source (type 1) of solicitations.
  `icmpv6 type nd-neighbor-advert @th,192,16 0x0201 @th,208,48 . ${target} != @bindings6 ${refuse(target)}`,
  `icmpv6 type nd-neighbor-solicit @th,192,16 0x0101 @th,208,48 . ${source} != @bindings6 ${refuse(source)}`,
  `icmpv6 type nd-router-solicit @th,64,16 0x0101 @th,80,48 . ${source} != @bindings6 ${refuse(source)}`,
];
