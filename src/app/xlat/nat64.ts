/** Which NAT64 counts: what the operator says, then what routers say, then what name servers let guess. */
import { type Cidr6, formatCidr6, networkOf6 } from "../../base/cidr6.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import type { Nat64Source } from "../../config/state-network.ts";

export interface Nat64 {
  /** Best first; empty where none is known. */
  readonly prefixes: readonly Cidr6[];
  /** Absent where none is known. */
  readonly source?: Nat64Source;
}

/** @param configured `xlat464.prefix`, checked; empty: none */
export function chooseNat64(
  configured: string,
  advertised: readonly Cidr6[],
  found: readonly Cidr6[],
): Nat64 {
  if (configured !== "") return { prefixes: [prefixOf(configured)], source: "configured" };
  if (advertised.length > 0) return { prefixes: advertised, source: "pref64" };
  return found.length > 0 ? { prefixes: found, source: "dns" } : { prefixes: [] };
}

/** What is doubtful about a prefix that an operator gave, in a sentence. */
export function doubtOf(
  configured: string,
  advertised: readonly Cidr6[],
  found: readonly Cidr6[],
): string | undefined {
  const { prefixes, source } = chooseNat64("", advertised, found);
  if (configured === "" || prefixes.length === 0) return undefined;
  const texts = prefixes.map(formatCidr6);
  if (texts.includes(formatCidr6(prefixOf(configured)))) return undefined;
  const tell = source === "pref64" ? "routers advertise" : "name servers tell of";
  return `xlat464.prefix is ${configured}, but the network's ${tell} NAT64 ${texts.join(", ")}: IPv4 through a wrong prefix gets nowhere.`;
}

function prefixOf(text: string): Cidr6 {
  const [ip = "", length = "96"] = text.split("/");
  return networkOf6(must(parseIp6(ip)), Number(length));
}
