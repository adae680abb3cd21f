/** The rules that lead from the WAN to the devices. The elements of their maps and sets are planned in forwards.ts. */
import { innerPrefix } from "./marks.ts";
import { type AutoPort, exceptionsListener } from "./proxy.ts";

export interface ForwardRules {
  /** The same for all devices. */
  readonly ports: readonly AutoPort[];
  /** Who answers on IPv6. Absent: nobody does. */
  readonly proxy?: "haproxy" | "socat";
  /** The gateway's own address on the LAN, where the manual forwards are open too. */
  readonly lanAddress: string;
  /** As `192.168.1.0/24`. */
  readonly lanNet: string;
}

/**
 * Destination NAT ahead of the distribution's own: exceptions first, then the ports that all devices have. Only what came in by the identity
 * that has the address. @param ownPort the WAN port, where it is a host of its own: it stands for the primary device
 */
export function renderDnat(forwards: ForwardRules, lan: string, ownPort: string | undefined): string {
  const { ports, lanAddress } = forwards;
  const gates = [
    'iifname "gw*" ip daddr . iifname @own4',
    ...(ownPort ? [`iifname ${ownPort} fib daddr . iif type local`] : []),
  ];
  const auto = ports.map(({ port, target }) => `${port} : ${target}`).join(", ");
  const [identity = ""] = gates;
  const rules = gates.flatMap((gate) => [
    `${gate} dnat ip to ip daddr . meta l4proto . th dport map @forward4`,
    ...(auto
      ? [`${gate} meta l4proto tcp dnat ip to ip daddr map @device4 : tcp dport map { ${auto} }`]
      : []),
  ]);
  return `  chain inbound {
    type nat hook prerouting priority dstnat - 10; policy accept;
${[...rules, ...open4(identity)].map((rule) => `    ${rule}\n`).join("")}    iifname "gw*" meta nfproto ipv6 jump inbound6
    iifname ${lan} ip daddr ${lanAddress} dnat ip to meta l4proto . th dport map @lan4
  }
${renderInbound6(forwards)}`;
}

/** A device that is open as a whole: behind the ports that lead somewhere by themselves, and never what DHCP tells the identity. */
const open4 = (gate: string): string[] => [
  `${gate} ip daddr . ip saddr @open4 udp dport != 68 dnat ip to ip daddr map @target4`,
  `${gate} ip daddr . ip saddr @open4 meta l4proto tcp dnat ip to ip daddr map @target4`,
  `${gate} ip daddr . ip saddr @open4 icmp type echo-request dnat ip to ip daddr map @target4`,
];

/** The same by IPv6, where the translator lies between. What the proxy listens for stays the proxy's; neighbour discovery is not connection tracking's affair. */
function renderInbound6({ ports, proxy }: ForwardRules): string {
  const auto = ports.map(({ port }) => port).join(", ");
  const proxied = [
    "ip6 daddr . tcp dport @forward6 return",
    ...(auto ? [`ip6 daddr @reach6 tcp dport { ${auto} } return`] : []),
  ];
  const rules = [
    "fib daddr . iif type != local return",
    `ip6 saddr ${innerPrefix.address}/${innerPrefix.length} return`,
    ...(proxy ? proxied : []),
    "ip6 daddr . ip6 saddr @open6 udp dport != 546 dnat ip6 to ip6 daddr map @target6",
    "ip6 daddr . ip6 saddr @open6 meta l4proto tcp dnat ip6 to ip6 daddr map @target6",
    "ip6 daddr . ip6 saddr @open6 icmpv6 type echo-request dnat ip6 to ip6 daddr map @target6",
  ];
  return `  chain inbound6 {\n${rules.map((rule) => `    ${rule}\n`).join("")}  }\n`;
}

/** A device's address is reached at the identity that has it, as IPv4's is: not at another MAC. */
const elsewhere = "    meta nfproto ipv6 ct status & dnat == 0 fib daddr . iif type != local counter drop\n";

/**
 * Where a connection that begins goes on IPv6. Without a listener of ours the rule breaks off, and what stands behind it drops. socat
 * listens on the addresses themselves: there the input chain looks whose socket it is.
 */
export function renderToProxy(forwards: ForwardRules | undefined): string {
  const rules = forwards?.proxy ? toProxy(forwards.ports, forwards.proxy) : [];
  return `  chain to_proxy {
${rules.length > 0 ? elsewhere : ""}${rules.map((rule) => `    meta l4proto tcp ${rule} accept\n`).join("")}  }
`;
}

function toProxy(ports: readonly AutoPort[], proxy: "haproxy" | "socat"): string[] {
  const exception = "ip6 daddr . tcp dport @forward6";
  if (proxy === "socat") {
    const auto = ports.map(({ port }) => port).join(", ");
    return [exception, ...(auto ? [`ip6 daddr @reach6 tcp dport { ${auto} }`] : [])];
  }
  const auto = ports.map(({ port, listener }) => `${port} : ${listener}`).join(", ");
  return [
    `${exception} tproxy ip6 to [::1]:${exceptionsListener}`,
    ...(auto ? [`ip6 daddr @reach6 tproxy ip6 to [::1]:tcp dport map { ${auto} }`] : []),
  ];
}
