/** Asks through the NAT64 in a device's name. Part of the composition root. */
import { type Cidr6, contains6, parseCidr6 } from "../base/cidr6.ts";
import { messageOf } from "../base/errors.ts";
import type { Ip4 } from "../base/ip4.ts";
import { isRoutableIp6 } from "../base/ip6.ts";
import { embedIp4 } from "../base/nat64.ts";
import { type Facts, isUnseen } from "../diagnose/facts.ts";
import { openPacketLinks } from "../io/packet/links.ts";
import { askEcho } from "../io/probe/echo6.ts";
import { systemRng } from "../io/rng.ts";
import { identityMac } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import type { Sight } from "./diagnose-probes.ts";

/**
 * A public address, so that the well-known prefix carries it (RFC 6052 section 3.1), that exists to take what nobody wants: BLACKHOLE-1 of AS112 (RFC
 * 7534). What is asked hardly gets there: it ends on the way, and who ends it behind the NAT64 answers.
 */
const target = "192.175.48.6" as Ip4;

/** Never rejects. Undefined: IPv4 needs no NAT64 here, or none is known. */
export async function nat64Facts({ config, kernel, state }: Sight): Promise<Facts["nat64"]> {
  const prefix = prefixOf(config.xlat464, state);
  if (!prefix) return undefined;
  if (isUnseen(kernel)) return kernel;
  const way = wayOf(kernel);
  if (!way)
    return { unseen: "No identity has an IPv6 address and a router by which the NAT64 could be asked." };
  const asked = embedIp4(prefix, target);
  try {
    const identifier = systemRng.uint32() & 0xffff;
    const isBehind = ({ from }: { readonly from: Parameters<typeof contains6>[1] }): boolean =>
      contains6(prefix, from);
    const answers = await askEcho(openPacketLinks(), { ...way, target: asked, identifier }, isBehind);
    return { mac: way.mac, target: asked, answers: answers.map((a) => ({ ...a, isBehind: isBehind(a) })) };
  } catch (thrown) {
    return { unseen: `The NAT64 cannot be asked: ${messageOf(thrown)}.` };
  }
}

function prefixOf(
  { mode, prefix }: Sight["config"]["xlat464"],
  { network }: Sight["state"],
): Cidr6 | undefined {
  if (mode === "off" || !network || network.ipv4.offer === "yes") return undefined;
  const configured = prefix === "" ? undefined : parseCidr6(prefix);
  return configured?.ok ? configured.value : network.ipv6.nat64[0];
}

/** An identity with an address that hosts may answer, and its router's MAC. */
function wayOf({ resources, addresses6 }: Observed) {
  for (const r of resources) {
    if (r.kind !== "neighbour6") continue;
    const mac = identityMac(r.ifname);
    const own = addresses6.get(r.ifname)?.find(({ ip, state }) => state === "usable" && isRoutableIp6(ip));
    if (mac && own) return { ifname: r.ifname, mac, ip: own.ip, routerMac: r.mac };
  }
  return undefined;
}
