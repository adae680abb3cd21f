/** What the WAN offers, as devices.json keeps it and people read it. */
import * as z from "zod/mini";
import { formatCidr6 } from "../base/cidr6.ts";
import { wellKnownPrefix } from "../base/nat64.ts";
import { someOf } from "../base/some-of.ts";
import { cidr6, ip4, ip6 } from "./state-values.ts";

/** `unknown`: not asked long enough yet. */
const offer = z.enum(["yes", "no", "unknown"]);

export const networkSchema = z.object({
  ipv4: z.object({ offer, routers: z.array(ip4), servers: z.array(ip4) }),
  ipv6: z.object({
    offer,
    /** Default routers, best first. */
    routers: z.array(ip6),
    /** Prefixes of which hosts form their own addresses (RFC 4862). */
    slaac: z.array(cidr6),
    /** Addresses by DHCPv6: `announced` by the M flag; `answers`: some device has one. */
    stateful: z.enum(["no", "announced", "answers"]),
    /** The O flag without M: DHCPv6 for everything but addresses. */
    stateless: z.boolean(),
    /** Best first. */
    nat64: z.array(cidr6),
    /** Who told of it: the operator, routers (RFC 8781), or name servers (RFC 7050). */
    nat64_source: z.optional(z.enum(["configured", "pref64", "dns"])),
  }),
});

export type Offer = z.output<typeof offer>;
export type Nat64Source = NonNullable<NetworkFacts["ipv6"]["nat64_source"]>;
export type NetworkFacts = z.output<typeof networkSchema>;

/** One line for a person, as `IPv4 by DHCP, IPv6 by SLAAC (2001:db8:1::/64) and stateful DHCPv6`. */
export function describeNetwork({ ipv4, ipv6 }: NetworkFacts): string {
  const four = { yes: "IPv4 by DHCP", no: "no IPv4", unknown: "IPv4 not known yet" }[ipv4.offer];
  return `${four}, ${describeIpv6(ipv6)}`;
}

function describeIpv6(ipv6: NetworkFacts["ipv6"]): string {
  if (ipv6.offer !== "yes") return ipv6.offer === "no" ? "no IPv6" : "IPv6 not known yet";
  const ways: string[] = [];
  if (ipv6.slaac.length > 0) ways.push(`SLAAC (${someOf(ipv6.slaac.map(formatCidr6))})`);
  if (ipv6.stateful !== "no") ways.push("stateful DHCPv6");
  if (ipv6.stateless) ways.push("stateless DHCPv6");
  return `${ways.length === 0 ? "IPv6" : `IPv6 by ${ways.join(" and ")}`}${describeNat64(ipv6)}`;
}

const sources = { configured: "as configured", pref64: "told by routers", dns: "told by name servers" };

function describeNat64(ipv6: NetworkFacts["ipv6"]): string {
  const { nat64, nat64_source } = ipv6;
  if (nat64.length === 0) return "";
  const source = nat64_source ? ` (${sources[nat64_source]})` : "";
  return `, NAT64 ${someOf(nat64.map(formatCidr6))}${source}${isPublicOnly(ipv6) ? ", for public IPv4 addresses only" : ""}`;
}

/** Whether the NAT64 in use may carry no private addresses, because of its prefix (RFC 6052 section 3.1). */
export const isPublicOnly = ({ nat64: [first] }: NetworkFacts["ipv6"]): boolean =>
  first !== undefined && formatCidr6(first) === formatCidr6(wellKnownPrefix);

/** From JSON; null when it is something else. */
export function parseNetwork(json: unknown): NetworkFacts | null {
  const parsed = z.safeDecode(networkSchema, json as z.input<typeof networkSchema>);
  return parsed.success ? parsed.data : null;
}

/** The same as JSON. */
export const networkJson = (facts: NetworkFacts): z.input<typeof networkSchema> =>
  z.encode(networkSchema, facts);
