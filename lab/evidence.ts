/** What every scenario must leave behind at the switches, whatever it was about. */
import { eui64Address, type Ip6, linkLocalOf } from "../src/base/ip6.ts";
import type { Mac } from "../src/base/mac.ts";
import type { SourceCount } from "./switch-counters.ts";
import { packetsOf } from "./switch-counters.ts";
import type { Lab } from "./topology.ts";
import type { WanNetwork } from "./wan.ts";

const shown = 20;

/** Frames of the gateway's own WAN MAC that any switch saw, as one text with the captured frames; empty when there were none. */
export async function ownMacFrames(lab: Lab): Promise<string> {
  const counts = await Promise.all(
    lab.networks.map(async ({ name, firewall }) => {
      const packets = packetsOf((await firewall.counters()).ever, lab.gateway.wanMac);
      return packets === 0 ? [] : [`${packets} frames on network ${name}`];
    }),
  );
  const found = counts.flat();
  if (found.length === 0) return "";
  const captures = [...lab.captures].filter(([name]) => name.startsWith("wan")).map(([, capture]) => capture);
  const lines = await Promise.all(
    captures.map((capture) => capture.lines(["ether", "src", lab.gateway.wanMac])),
  );
  return [`the gateway's own MAC ${lab.gateway.wanMac} spoke: ${found.join(", ")}`]
    .concat(lines.flat().slice(0, shown))
    .join("\n");
}

/** What source guard dropped of registered MACs on any network since the beginning; empty when nothing. */
export async function guardDrops(lab: Lab): Promise<string> {
  const drops = await Promise.all(
    lab.networks.map(async ({ name, firewall }) =>
      (await firewall.counters()).everGuarded.map(
        ({ mac, ip, packets }) =>
          `source guard of network ${name} dropped ${packets} frames of ${mac} as ${ip}`,
      ),
    ),
  );
  return drops.flat().slice(0, shown).join("\n");
}

/** Why a MAC may use an IPv6 source; `stranger`: it may not. */
export interface StrictPair extends SourceCount {
  readonly is: "unspecified" | "link-local" | "slaac" | "dhcp6" | "stranger";
}

/**
 * Every IPv6 source that the gateway's port has used since the switch's counters were last reset, and why: ::, the link-local or
 * prefix + EUI-64 of that MAC with a prefix that a router of the network has ever advertised, or a lease of Kea to the DUID-LL of that MAC.
 * @param leases addresses leased earlier that Kea has no more, `mac address`
 */
export async function strictPairs(
  network: WanNetwork,
  leases: ReadonlySet<string> = new Set(),
): Promise<readonly StrictPair[]> {
  const [{ pairs6 }, current = []] = await Promise.all([
    network.firewall.counters(),
    network.dhcp6?.leases(),
  ]);
  const leased = new Set([...leases, ...current.map(({ mac, address }) => `${mac} ${address}`)]);
  const prefixes = network.routers.flatMap((router) => router.prefixes);
  const reason = ({ mac, ip }: SourceCount): StrictPair["is"] => {
    if (ip === "::") return "unspecified";
    if (ip === linkLocalOf(mac as Mac)) return "link-local";
    if (prefixes.some((p) => ip === eui64Address(p.split("/")[0] as Ip6, mac as Mac))) return "slaac";
    return leased.has(`${mac} ${ip}`) ? "dhcp6" : "stranger";
  };
  return pairs6.map((pair) => ({ ...pair, is: reason(pair) }));
}
