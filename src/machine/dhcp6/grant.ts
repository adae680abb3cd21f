/** From an IA_NA to a lease that makes sense: RFC 8415 sections 14.2, 18.2.10.1, 21.4 and 21.6. */
import { anyIp6, type Ip6, isMulticastIp6, isRoutableIp6 } from "../../base/ip6.ts";
import { type Rng, uniform } from "../../base/rng.ts";
import { between, earliest, type Instant, millis, never, plus, seconds } from "../../base/time.ts";
import { type IaNa, statusCodes } from "../../wire/dhcp6/message.ts";
import type { Information6, Lease6, LeasedAddress } from "./lease.ts";
import type { Reply } from "./replies.ts";
import type { Scene } from "./state.ts";

const infinite = 0xffffffff;

export interface Addresses {
  readonly usable: readonly LeasedAddress[];
  /** Held ones that the server ended. */
  readonly over: readonly Ip6[];
  /** Good ones that this device must not take. */
  readonly refused: readonly { readonly address: Ip6; readonly why: string }[];
}

/**
 * Sorts the addresses of an IA whose lifetimes count from `from`. One with preferred > valid, with a status of its own, or
 * that names no host is as if absent; one of `held` is not asked about again.
 */
export function readAddresses(
  ia: IaNa,
  from: Instant,
  held: readonly LeasedAddress[],
  { now, env }: Scene,
): Addresses {
  const usable = new Map<Ip6, LeasedAddress>();
  const over: Ip6[] = [];
  const refused = new Map<Ip6, string>();
  for (const { address, preferred, valid, status } of ia.addresses) {
    const sound = preferred <= valid && (status?.code ?? statusCodes.success) === statusCodes.success;
    if (!sound || !isRoutableIp6(address)) continue;
    const until = (secs: number) => (secs === infinite ? never : plus(from, seconds(secs)));
    const isHeld = held.some((h) => h.address === address);
    const why = isHeld ? undefined : env.refuse(address);
    if (until(valid) <= now) {
      if (isHeld) over.push(address);
    } else if (why !== undefined) refused.set(address, why);
    else usable.set(address, { address, preferredUntil: until(preferred), validUntil: until(valid) });
  }
  return {
    usable: [...usable.values()],
    over: over.filter((address) => !usable.has(address)),
    refused: [...refused].map(([address, why]) => ({ address, why })),
  };
}

/** A lease of `addresses` (at least one), as the server's answer to what was sent at `sentAt` has it. */
export const leaseOf = (
  { serverId, options }: Reply,
  ia: IaNa,
  addresses: readonly LeasedAddress[],
  sentAt: Instant,
  rng: Rng,
): Lease6 => ({
  addresses,
  ...informationOf(options),
  serverId,
  acquiredAt: sentAt,
  ...timesOf(ia, addresses, sentAt, rng),
});

const isServer = (ip: Ip6): boolean => ip !== anyIp6 && ip !== "::1" && !isMulticastIp6(ip);

export const informationOf = (options: Reply["options"]): Information6 => ({
  dnsServers: (options.dnsServers ?? []).filter(isServer),
  domainSearch: options.domainSearch ?? [],
  ntpServers: (options.ntpServers ?? []).filter(isServer),
});

/**
 * T1 and T2 of the server, where they are not 0 and leave time to act; else 0.5 and 0.8 of the shortest preferred lifetime
 * (section 21.4). T1 comes up to 2 % early, so that devices that came up together do not renew together.
 */
function timesOf(
  ia: IaNa,
  addresses: readonly LeasedAddress[],
  from: Instant,
  rng: Rng,
): Pick<Lease6, "renewAt" | "rebindAt"> {
  const valid = addresses.map(({ validUntil }) => between(from, validUntil));
  const preferred = addresses.map(({ preferredUntil }) => between(from, preferredUntil)).filter((d) => d > 0);
  const basis = Math.min(...(preferred.length > 0 ? preferred : valid));
  const span = (secs: number) => (secs === infinite ? Number.POSITIVE_INFINITY : secs * 1000);
  const sound = (t: number, limit: number) => 0 < t && (t < limit || limit === Number.POSITIVE_INFINITY);
  const soundT1 = sound(span(ia.t1), Math.min(...valid));
  const t1 = soundT1 ? span(ia.t1) : basis * 0.5;
  const ownT2 = soundT1 ? Math.max(basis * 0.8, t1) : basis * 0.8;
  const t2 = sound(span(ia.t2), Math.max(...valid)) ? span(ia.t2) : ownT2;
  const after = (ms: number) =>
    ms === Number.POSITIVE_INFINITY ? never : plus(from, millis(Math.round(ms)));
  return { renewAt: after(Math.min(t1, t2) * (1 - uniform(rng, 0, 0.02))), rebindAt: after(t2) };
}

/** When the next of the addresses becomes deprecated or ends. */
export const nextAge = (addresses: readonly LeasedAddress[], now: Instant): Instant =>
  earliest(
    never,
    ...addresses
      .flatMap(({ preferredUntil, validUntil }) => [preferredUntil, validUntil])
      .filter((t) => t > now),
  );
