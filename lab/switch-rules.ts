import { type Ip6, ip6ToBytes } from "../src/base/ip6.ts";
import { guardRules6, renderSets6 } from "./switch-rules6.ts";

/** The nftables text of the firewall switch. Its gateway port is named `gateway`, the router's port `router`. */
export interface SwitchRules {
  readonly sourceGuard: boolean;
  /** How long a snooped binding holds, seconds; undefined: until released. */
  readonly bindingSeconds: number | undefined;
}

export const table = "bridge lab";

const counted = (name: string, type: string): string =>
  `set ${name} { type ${type}; flags dynamic; size 65535; }`;

/**
 * The parts that stay: sets and the chain that decides. Bindings are raw payload (MAC . IPv4), since nftables 1.0 cannot take an
 * ether_addr out of a DHCP message.
 */
export const renderTable = (): string => `
table ${table} {
  set registered { type ether_addr; }
  set bindings { typeof @ll,48,48 . @nh,96,32; flags dynamic,timeout; size 65535; }
  ${counted("seen", "ether_addr")}
  ${counted("seen_arp", "ether_addr")}
  ${counted("seen_dhcp", "ether_addr")}
  ${counted("unregistered", "ether_addr")}
  ${counted("guarded", "ether_addr . ipv4_addr")}
  ${counted("ever", "ether_addr")}
  ${counted("ever_guarded", "ether_addr . ipv4_addr")}
  ${renderSets6()}
  chain faults { }
  chain guard { }
  chain snoop { }
  chain from_gateway {
    update @seen { ether saddr counter }
    update @ever { ether saddr counter }
    ether type ip6 jump count6
    ether type arp update @seen_arp { ether saddr counter }
    ether type ip udp dport 67 update @seen_dhcp { ether saddr counter }
    ether saddr != @registered update @unregistered { ether saddr counter } drop
    ether type ip6 jump learn6
    ether type ip6 jump guard6
    jump guard
  }
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    jump faults
    iifname "gateway" jump from_gateway
    iifname "router" jump snoop
  }
}
`;

/** DHCP at these offsets of the UDP header: BOOTP ciaddr 160, yiaddr 192, chaddr 288, first option 1984 (bits). */
const dhcpType = (type: number): string => `@th,1984,24 0x3501${type.toString(16).padStart(2, "0")}`;

const refuse = (address: string): string => {
  const key = `{ ether saddr . ${address} counter }`;
  return `update @guarded ${key} update @ever_guarded ${key} drop`;
};

const guardRules = [
  // A client without an address asks for one; ARP probes (RFC 5227) name no sender.
  "ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 return",
  "ether type arp arp saddr ip 0.0.0.0 arp saddr ether @registered return",
  `ether type ip @ll,48,48 . @nh,96,32 != @bindings ${refuse("ip saddr")}`,
  `ether type arp @ll,48,48 . @nh,112,32 != @bindings ${refuse("arp saddr ip")}`,
  `ether type arp @nh,64,48 . @nh,112,32 != @bindings ${refuse("arp saddr ip")}`,
  // RELEASE gives the binding back once the frame itself has passed.
  `ether type ip udp dport 67 ${dhcpType(7)} delete @bindings { @th,288,48 . @th,160,32 }`,
];

/** Fills the guard and snoop chains anew. Snooping runs also with the guard off, so that it can be turned on later. */
export function renderRules(rules: SwitchRules): string {
  const timeout = rules.bindingSeconds === undefined ? "" : ` timeout ${rules.bindingSeconds}s`;
  const snoop = `ether type ip udp sport 67 ${dhcpType(5)} @th,192,32 != 0 update @bindings { @th,288,48 . @th,192,32${timeout} }`;
  const add = (chain: string, rule: string): string => `add rule ${table} ${chain} ${rule}`;
  return [
    `flush chain ${table} guard`,
    `flush chain ${table} guard6`,
    `flush chain ${table} snoop`,
    add("snoop", snoop),
    ...(rules.sourceGuard ? guardRules.map((rule) => add("guard", rule)) : []),
    ...(rules.sourceGuard ? guardRules6.map((rule) => add("guard6", rule)) : []),
    "",
  ].join("\n");
}

const hexOfMac = (mac: string): string => `0x${mac.replaceAll(":", "")}`;
const hexOf = (octets: Iterable<number>): string =>
  `0x${[...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("")}`;

/** An address of either family as raw payload. */
export const renderAddress = (ip: string): string =>
  hexOf(ip.includes(":") ? ip6ToBytes(ip as Ip6) : ip.split(".").map(Number));

export const renderBinding = (mac: string, ip: string): string => `${hexOfMac(mac)} . ${renderAddress(ip)}`;
