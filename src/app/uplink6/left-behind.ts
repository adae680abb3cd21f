/** Whether a lease belongs to a network that is not there any more: its server does not answer, or speaks for another link. */
import { type Cidr6, contains6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Network6 } from "./network.ts";

export interface Doubts {
  /** The link may be another one since the lease was given, and its routers have had the time to speak. */
  readonly anotherLink: boolean;
  /** Withdrawn before the lease was asked for: the server gave an address in there all the same. */
  readonly accepted: readonly Cidr6[];
}

/**
 * Routers that take a prefix back (RFC 9096) take back what servers gave of it. Where nobody announces DHCPv6, a lease outside all that is
 * advertised is of another link; elsewhere it may well be: a stateful network need not advertise any prefix.
 */
export function isLeftBehind(addresses: readonly Ip6[], network: Network6, doubts: Doubts): boolean {
  if (addresses.length === 0) return false;
  const within = (prefixes: readonly Cidr6[]) => (ip: Ip6) => prefixes.some((net) => contains6(net, ip));
  if (addresses.every(within(network.withdrawn)) && !addresses.some(within(doubts.accepted))) return true;
  const advertised = [
    ...network.onLink,
    ...network.autonomous,
    ...network.routers.flatMap(({ prefixes }) => prefixes),
  ];
  const foreign = advertised.length > 0 && !addresses.some(within(advertised));
  return doubts.anotherLink && network.routers.length > 0 && !network.managed && foreign;
}
