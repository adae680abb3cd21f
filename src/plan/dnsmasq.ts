/** The configuration of our own dnsmasq, the LAN's DHCP and DNS server. */
import { type Interface4, maskNumber, networkOf } from "../base/cidr4.ts";
import { ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";

export interface DnsmasqInput {
  readonly lanPort: string;
  readonly lan: Interface4;
  /** First address of the pool as an offset in the network, and how many there are (as in OpenWrt). */
  readonly poolStart: number;
  readonly poolSize: number;
  readonly leaseFile: string;
  /** Tells of each DHCP message. */
  readonly verbose: boolean;
  /** The networks' own resolvers, as the devices' leases named them, one `nameserver` a line. */
  readonly resolvFile: string;
}

/**
 * `no-ping`: dnsmasq would ping each address for 3 s before offering it, one device after the other. Authoritative:
 * a device that comes with an address of another network is told so at once. Not `bind-dynamic`: it looks at all addresses of the host whenever
 * one of them changes, which are thousands here. User and group are kept: it may run without the
 * right to change them.
 */
export function renderDnsmasq(input: DnsmasqInput): string {
  const first = ip4ToNumber(networkOf(input.lan.ip, input.lan.length).address) + input.poolStart;
  const mask = ip4FromNumber(maskNumber(input.lan.length));
  const range = `${ip4FromNumber(first)},${ip4FromNumber(first + input.poolSize - 1)},${mask},12h`;
  return `${[
    "# Written by the gateway at each start; changes are lost.",
    "keep-in-foreground",
    "log-facility=-",
    "user=root",
    "group=",
    `interface=${input.lanPort}`,
    "except-interface=lo",
    "bind-interfaces",
    "no-hosts",
    "bogus-priv",
    "domain-needed",
    `resolv-file=${input.resolvFile}`,
    "no-ping",
    "dhcp-authoritative",
    ...(input.verbose ? [] : ["quiet-dhcp"]),
    `dhcp-range=${range}`,
    `dhcp-lease-max=${input.poolSize}`,
    `dhcp-leasefile=${input.leaseFile}`,
    "pid-file=",
  ].join("\n")}\n`;
}

/** Addresses of either family; a link-local one names its interface, as in `fe80::1%gw001122334455`. */
export const renderResolv = (servers: readonly string[]): string =>
  servers.map((ip) => `nameserver ${ip}\n`).join("");
