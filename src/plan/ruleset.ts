/**
 * Our nftables table: what leaves an identity, what may come in; and a small one beside it for forwarded IPv6. Elements of sets and maps are resources of
 * their own.
 */

import { type ForwardRules, renderDnat, renderToProxy } from "./forward-rules.ts";
import { answerMark, letInMark, nftTable, nftTable6, setMark } from "./marks.ts";
import { type Element, elementText, type Ruleset } from "./resource.ts";
import { fnv, revisionOf } from "./revision.ts";
import { type SetName, setNames, sets } from "./sets.ts";
import { renderNoted4 } from "./short-ways4.ts";
import { renderNoted6 } from "./short-ways6.ts";
import {
  renderFromTranslator,
  renderMasquerade6,
  renderTranslatorGates,
  type TranslationRules,
  type TranslatorGates,
  toTranslator,
} from "./translation-rules.ts";

export interface RulesetInput {
  readonly lanPort: string;
  readonly wanPort: string;
  /** `silent`: the WAN port is no host; nothing of the gateway's own leaves or enters there. */
  readonly ownMac: "silent" | "use";
  /** Absent: nothing leads to the devices. */
  readonly forwards?: ForwardRules;
  /** Absent: nothing is translated between the families. */
  readonly translates?: TranslationRules;
  /** Whether flows of datagrams are written down where they leave, for the short way. */
  readonly shortWays: boolean;
}

/** A TCP connection that begins. */
const syn = "meta l4proto tcp tcp flags & (fin | syn | rst | ack) == syn";

/** Of what a device may be reached by no more, what is open ends too. */
const closed6 = "    ct status dnat ct original ip6 daddr . ct original ip6 saddr != @open6 counter drop\n";

/** A source that is the machine's own, or stands for all hosts of a network. None at all is a DHCP client's. */
const notOfHosts = "ip saddr != 0.0.0.0 fib saddr type { local, broadcast }";

/** Never forwarded. */
const linkLocal4 = "169.254.0.0/16";

/** What the primary device says to those who called the WAN port itself: at no identity's address. */
const answers = `ct direction reply ct status dnat ct original ip daddr != @held4 ${setMark(answerMark)}`;

/** What another firewall of the machine is to let pass too. */
const letIn = `${setMark(letInMark)} accept`;

/**
 * Chain declarations and rules; the order of precedence against other tables is in the priorities. What nobody asked for is
 * dropped before routing, because forwarding answers with ICMP errors and redirects ahead of its hook. Masquerading and not SNAT by a map: an
 * identity has one address, and only masquerading lets go of connections when it changes or when a LAN address moves to another
 * device; otherwise a device that never pauses would stay cut off. Of IPv6, neighbour discovery (hop limit 255: from this link) and the
 * questions of MLD come in unasked, and connection tracking passes both over. The LAN has no IPv6: none of it is forwarded. A beginning connection
 * counts as new whatever connection tracking says of its addresses and ports: a program of the host's own must not take over from a proxy that
 * is not there any more. An address counts only on the interface that has it, and no source of the LAN comes from the WAN: the kernel
 * itself takes any of its addresses on any interface, and asks nothing of sources while `rp_filter` is off. Nor does it refuse its own addresses as sources where
 * `accept_local` is set (`sysctls.ts`): the chain of sources does, which only the first packet of a connection passes. What connection tracking calls invalid comes in from
 * no WAN, and leaves from the LAN under no identity's address.
 */
export function renderChains(input: RulesetInput): string {
  const lan = quote(input.lanPort);
  const wan = quote(input.wanPort);
  const silent = input.ownMac === "silent";
  const { forwards } = input;
  const gates = input.translates && renderTranslatorGates(input.translates);
  const fromLan = (iif: string): string =>
    forwards ? `    ${iif}ip saddr ${forwards.lanNet} counter drop\n` : "";
  return `  chain sources {
    type nat hook prerouting priority dstnat - 20; policy accept;
    iifname ${lan} ${notOfHosts} counter drop
    iifname "gw*" ${notOfHosts} counter drop
  }
${forwards ? renderDnat(forwards, lan, silent ? undefined : wan) : ""}  chain arriving {
    type filter hook prerouting priority dstnat + 10; policy accept;
${silent ? "" : `    iifname ${lan} ${answers}\n`}    iifname ${lan} accept
    iifname "gw*" jump from_outside
${gates?.arriving ?? ""}${silent ? `    iifname ${wan} drop\n` : renderAtPort(wan, fromLan(`iifname ${wan} `))}  }
  chain from_outside {
    meta nfproto ipv6 jump from_outside6
${fromLan("")}    ${syn} ct status & dnat == 0 counter drop
    ct state != { established, related } jump unasked
  }
  chain from_outside6 {
    jump link_talk
    ${syn} jump to_proxy
${forwards ? closed6 : ""}  }
  chain unasked {
    ct status dnat ${letIn}
    counter drop
  }
  chain link_talk {
    ip6 hoplimit 255 icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ${letIn}
    ip6 saddr fe80::/10 icmpv6 type mld-listener-query ${letIn}
  }
${renderToProxy(forwards)}  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname "gw*" jump to_gateway
    iifname ${lan} ip daddr @held4 drop
${gates?.input ?? ""}    iifname ${lan} meta nfproto ipv6 fib daddr . iif type != { local, multicast } drop
${silent ? `    iifname ${wan} drop\n` : `    iifname ${wan} jump to_port\n`}  }
  chain to_gateway {
    jump link_talk
${forwards?.proxy ? `    ${syn} socket transparent 1 ${letIn}\n` : ""}    ${syn} counter drop
    ct state established,related accept
    counter drop
  }
${gates?.translated ?? ""}${silent ? "" : renderToPort(forwards?.proxy !== undefined)}${silent ? `  chain output {\n    type filter hook output priority filter - 10; policy accept;\n    oifname ${wan} drop\n  }\n` : ""}  chain postrouting {
    type nat hook postrouting priority srcnat - 10; policy accept;
    oifname "gw*" ip saddr @snat4 masquerade
${renderMasquerade6(input.translates)}${forwards ? `    oifname ${lan} ct status dnat ip saddr ${forwards.lanNet} masquerade\n` : ""}  }
${renderLeaving(input, gates)}`;
}

/**
 * What leaves, forwarded or not, after translation. The first rule is nearly all there is of the LAN: only what was translated has an identity's address as its source, which
 * nothing is that connection tracking calls invalid. No hook of ours lies between: each costs every packet. What the host itself sends names no interface it came
 * from, but two kinds do: reports of groups, the one that they leave by (and they are never forwarded), and what a tunnel has wrapped, the tunnel's. To connection tracking
 * that began with the identity's own address, as nothing can that came in: the kernel refuses its own addresses as sources. Of IPv6 it does
 * not, so that there forwarding has a hook of its own.
 */
function renderLeaving(input: RulesetInput, gates: TranslatorGates | undefined): string {
  const lan = quote(input.lanPort);
  const wan = quote(input.wanPort);
  const silent = input.ownMac === "silent";
  const ofDevices = `iifname ${lan} ip saddr . oifname @own4 ip daddr != ${linkLocal4}`;
  return `  chain leaving {
    type filter hook postrouting priority srcnat + 10; policy accept;
${input.shortWays ? renderNoted4(ofDevices) : ""}    ${ofDevices} accept
    iifname "gw*" meta nfproto ipv4 jump from_wan
${silent ? "" : `    iifname ${wan} meta nfproto ipv4 jump from_wan\n`}${gates && input.shortWays ? renderNoted6 : ""}    oifname "gw*" jump to_wan
${silent ? `    oifname ${wan} drop\n    iifname ${wan} drop\n` : `    oifname ${wan} ip6 saddr @own6 counter drop\n`}${gates?.leaving ?? ""}  }
  chain from_wan {
${answered(lan)}    ip daddr 224.0.0.0/24 return
    counter drop
  }
  chain to_wan {
    iif 0 ip saddr . oifname @own4 accept
    iifname ${lan} ip daddr ${linkLocal4} drop
    iifname != ${lan} ct original ip saddr . oifname @own4 ip saddr . oifname @own4 accept
    ip6 saddr :: meta l4proto ipv6-icmp accept
    meta nfproto ipv6 fib saddr . oif type local accept
    counter drop
  }
`;
}

/** The chains of the table of IPv6 alone: where they hook, IPv4 would pay for each packet. */
export function renderChains6(input: RulesetInput): string {
  const translated = input.translates !== undefined;
  const lan = quote(input.lanPort);
  const wan = quote(input.wanPort);
  const silent = input.ownMac === "silent";
  return `  chain forwarding {
    type filter hook forward priority filter - 10; policy accept;
    iifname "gw*" jump from_wan
${translated ? '    iifname "xlat464" jump from_translator\n    oifname "xlat464" counter drop\n' : ""}${silent ? "" : `    iifname ${wan} jump from_wan\n`}    oifname "gw*" counter drop
${silent ? `    oifname ${wan} drop\n    iifname ${wan} drop\n` : ""}  }
  chain from_wan {
${translated ? toTranslator : ""}${answered(lan)}    counter drop
  }
${translated ? renderFromTranslator() : ""}`;
}

/** What the LAN takes from the WAN; most of it are answers. */
const answered = (lan: string): string =>
  `    oifname ${lan} ct state established,related accept\n    oifname ${lan} ct status dnat accept\n`;

/** What comes in by a port that is a host of its own: nothing from an address of the LAN; what leads to a device is marked, the rest is judged where it arrives. */
const renderAtPort = (
  wan: string,
  fromLan: string,
): string => `${fromLan}    iifname ${wan} ${syn} jump to_proxy
    iifname ${wan} ct state new ct status dnat ${letIn}
`;

/** What a port that is a host of its own is asked: address configuration, echoes, and what leads to a device. */
const renderToPort = (proxied: boolean): string => `  chain to_port {
    jump link_talk
    fib daddr . iif type != { local, broadcast, multicast } counter drop
    meta l4proto { icmp, ipv6-icmp, igmp } accept
    udp sport { 67, 547 } udp dport { 68, 546 } accept
${proxied ? `    ${syn} socket transparent 1 ${letIn}\n` : ""}    ${syn} counter drop
    ct state established,related accept
    counter drop
  }
`;

const quote = (ifname: string): string => JSON.stringify(ifname);

export const planRuleset = (input: RulesetInput): Ruleset => {
  const chains = renderChains(input) + renderChains6(input);
  return { kind: "ruleset", revision: `${revisionOf(chains)}_${countRules(chains)}` };
};

/** Statements inside chains; the count is part of the revision so that a rule removed by hand is noticed. */
export const countRules = (chains: string): number =>
  chains.split("\n").filter((line) => line.startsWith("    ") && !line.trim().startsWith("type ")).length;

/**
 * Both tables as one transaction that replaces what is there. `saved` are the settings as they were before we
 * changed them, kept as element comments so that `cleanup` can put them back without a state file.
 */
export function renderRuleset(
  input: RulesetInput,
  elements: readonly Element[],
  saved: ReadonlyMap<string, string>,
): string {
  return `${removeTables}table ${nftTable.family} ${nftTable.name} {
${setNames.map((name) => renderSet(name, elements)).join("")}  set saved {
    type mark
${elementBlock([...saved].map(([key, value]) => savedText(key, value)))}  }
  chain rev_${planRuleset(input).revision} {
  }
${renderChains(input)}}
table ${nftTable6.family} ${nftTable6.name} {
${renderChains6(input)}}
`;
}

/** Whether they are there or not. */
export const removeTables = [nftTable, nftTable6]
  .map(({ family, name }) => `add table ${family} ${name}\ndelete table ${family} ${name}\n`)
  .join("");

function renderSet(name: SetName, elements: readonly Element[]): string {
  const set: { kind: string; type: string; flags?: string } = sets[name];
  return `  ${set.kind} ${name} {
    type ${set.type}
${set.flags ? `    flags ${set.flags}\n` : ""}${elementBlock(elements.filter((e) => e.set === name).map(elementText))}  }
`;
}

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
