/** Our one nftables table: what leaves an identity, what may come in. Elements of sets and maps are resources of their own. */

import { nftTable } from "./marks.ts";
import type { Element, Ruleset } from "./resource.ts";

export interface RulesetInput {
  readonly lanPort: string;
  readonly wanPort: string;
  /** `silent`: the WAN port is no host; nothing of the gateway's own leaves or enters there. */
  readonly ownMac: "silent" | "use";
}

/**
 * Chain declarations and rules; the order of precedence against other tables is in the priorities. What nobody asked for is
 * dropped before routing, because forwarding answers with ICMP errors and redirects ahead of its hook. Masquerading and not SNAT by a map: an
 * identity has one address, and only masquerading lets go of connections when it changes or when a LAN address moves to another
 * device; otherwise a device that never pauses would stay cut off. Of IPv6, neighbour discovery (hop limit 255: from this link) and the
 * questions of MLD come in unasked, and connection tracking passes both over. The LAN has no IPv6: none of it is forwarded.
 */
export function renderChains(input: RulesetInput): string {
  const lan = quote(input.lanPort);
  const wan = quote(input.wanPort);
  const silent = input.ownMac === "silent";
  return `  chain arriving {
    type filter hook prerouting priority mangle; policy accept;
    iifname "gw*" jump link_talk
    iifname "gw*" ct state != { established, related } counter drop
${silent ? `    iifname ${wan} drop\n` : ""}  }
  chain link_talk {
    ip6 hoplimit 255 icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
    ip6 saddr fe80::/10 icmpv6 type mld-listener-query accept
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname "gw*" jump to_gateway
${silent ? `    iifname ${wan} drop\n` : ""}  }
  chain to_gateway {
    jump link_talk
    ct state established,related accept
    counter drop
  }
  chain forwarding {
    type filter hook forward priority filter - 10; policy accept;
    iifname "gw*" jump from_wan
    oifname "gw*" jump to_wan
${silent ? `    oifname ${wan} drop\n    iifname ${wan} drop\n` : ""}  }
  chain from_wan {
    oifname ${lan} ct state established,related accept
    counter drop
  }
  chain to_wan {
    iifname != ${lan} counter drop
    ct state invalid counter drop
    ip daddr 169.254.0.0/16 drop
    meta nfproto ipv4 accept
    drop
  }
${silent ? `  chain output {\n    type filter hook output priority filter - 10; policy accept;\n    oifname ${wan} drop\n  }\n` : ""}  chain postrouting {
    type nat hook postrouting priority srcnat - 10; policy accept;
    oifname "gw*" ip saddr @snat4 masquerade
  }
  chain leaving {
    type filter hook postrouting priority srcnat + 10; policy accept;
    oifname "gw*" ip saddr . oifname @own4 accept
    oifname "gw*" ip6 saddr :: meta l4proto ipv6-icmp accept
    oifname "gw*" meta nfproto ipv6 fib saddr . oif type local accept
    oifname "gw*" counter drop
${silent ? "" : `    oifname ${wan} ip6 saddr @own6 counter drop\n`}  }
`;
}

const quote = (ifname: string): string => JSON.stringify(ifname);

/** FNV-1a, 32 bits. */
function fnv(text: string, seed = 0x811c9dc5): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** A short name of a text that changes when one character does: twice 32 bits, in hex. */
export const revisionOf = (text: string): string =>
  [fnv(text), fnv(text, 0x9747b28c)].map((h) => h.toString(16).padStart(8, "0")).join("");

export const planRuleset = (input: RulesetInput): Ruleset => {
  const chains = renderChains(input);
  return { kind: "ruleset", revision: `${revisionOf(chains)}_${countRules(chains)}` };
};

/** Statements inside chains; the count is part of the revision so that a rule removed by hand is noticed. */
export const countRules = (chains: string): number =>
  chains.split("\n").filter((line) => line.startsWith("    ") && !line.trim().startsWith("type ")).length;

/**
 * The whole table as one transaction that replaces what is there. `saved` are the settings as they were before we
 * changed them, kept as element comments so that `cleanup` can put them back without a state file.
 */
export function renderRuleset(
  input: RulesetInput,
  elements: readonly Element[],
  saved: ReadonlyMap<string, string>,
): string {
  const table = `${nftTable.family} ${nftTable.name}`;
  const chains = renderChains(input);
  return `add table ${table}
delete table ${table}
table ${table} {
  set snat4 {
    type ipv4_addr
${elementBlock(elements.filter((e) => e.set === "snat4").map((e) => e.key))}  }
  set own4 {
    type ipv4_addr . ifname
${elementBlock(elements.filter((e) => e.set === "own4").map((e) => e.key))}  }
${input.ownMac === "use" ? renderOwn6(elements) : ""}  set saved {
    type mark
${elementBlock([...saved].map(([key, value]) => savedText(key, value)))}  }
  chain rev_${planRuleset(input).revision} {
  }
${chains}}
`;
}

const renderOwn6 = (elements: readonly Element[]): string => `  set own6 {
    type ipv6_addr
${elementBlock(elements.filter((e) => e.set === "own6").map((e) => e.key))}  }
`;

const elementBlock = (elements: readonly string[]): string =>
  elements.length === 0 ? "" : `    elements = { ${elements.join(",\n      ")} }\n`;

/**
 * A setting as it was, as an element. The number follows from the key: adding an element that is there changes nothing and
 * is no error, so two keys must never meet in one number.
 */
export const savedText = (key: string, value: string): string =>
  `${fnv(key)} comment ${JSON.stringify(`${key}=${value}`)}`;

/** Takes settings out of the memory of how they were; all of them must be there. */
export const forgetScript = (keys: readonly string[]): string =>
  `delete element ${nftTable.family} ${nftTable.name} saved { ${keys.map((key) => fnv(key)).join(", ")} }\n`;
