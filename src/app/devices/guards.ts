/** Whom we never impersonate. */
import { isMulticastMac, type Mac, zeroMac } from "../../base/mac.ts";

export interface GuardFacts {
  /** MACs of this host's own interfaces. */
  readonly ownMacs: ReadonlySet<Mac>;
  /** MACs heard on the WAN side lately. */
  readonly onWan: (mac: Mac) => boolean;
  /** Patterns as configured; an empty allow list allows all. */
  readonly allowed: (mac: Mac) => boolean;
  readonly denied: (mac: Mac) => boolean;
  /** Devices that have or await an identity. */
  readonly admitted: number;
  readonly maxDevices: number;
}

/** Why `mac` must not get an identity, or undefined when it may. */
export function refusal(mac: Mac, facts: GuardFacts): string | undefined {
  if (isMulticastMac(mac)) return "refused: a multicast MAC names no device";
  if (mac === zeroMac) return "refused: the MAC is all zero";
  if (facts.ownMacs.has(mac)) return "refused: the MAC is one of the gateway's own";
  if (facts.denied(mac)) return "refused: the MAC is on discovery.deny";
  if (!facts.allowed(mac)) return "refused: the MAC is not on discovery.allow";
  if (facts.onWan(mac))
    return "refused: the MAC was seen speaking on the WAN side (a router, another gateway, or LAN and WAN joined)";
  if (facts.admitted >= facts.maxDevices)
    return `refused: discovery.max_devices = ${facts.maxDevices} is reached`;
  return undefined;
}
