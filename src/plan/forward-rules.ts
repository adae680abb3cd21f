/** The rules that lead from the WAN to the devices. The elements of their maps and sets are planned in forwards.ts. */
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
export function renderDnat(
  { ports, lanAddress }: ForwardRules,
  lan: string,
  ownPort: string | undefined,
): string {
  const gates = [
    'iifname "gw*" ip daddr . iifname @own4',
    ...(ownPort ? [`iifname ${ownPort} fib daddr . iif type local`] : []),
  ];
  const auto = ports.map(({ port, target }) => `${port} : ${target}`).join(", ");
  const rules = gates.flatMap((gate) => [
    `${gate} dnat ip to ip daddr . meta l4proto . th dport map @forward4`,
    ...(auto
      ? [`${gate} meta l4proto tcp dnat ip to ip daddr map @device4 : tcp dport map { ${auto} }`]
      : []),
  ]);
  return `  chain inbound {
    type nat hook prerouting priority dstnat - 10; policy accept;
${rules.map((rule) => `    ${rule}\n`).join("")}    iifname ${lan} ip daddr ${lanAddress} dnat ip to meta l4proto . th dport map @lan4
  }
`;
}

/** A device's address is reached at the identity that has it, as IPv4's is: not at another MAC. */
const elsewhere = "    meta nfproto ipv6 fib daddr . iif type != local counter drop\n";

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
