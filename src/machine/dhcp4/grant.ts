/** From a DHCPACK to a lease that makes sense: RFC 2131 sections 4.4.1 and 4.4.5. */
import { maskLength } from "../../base/cidr4.ts";
import { type Ip4, isHostIp4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { invalid, type Parsed, valid } from "../../base/parsed.ts";
import { type Rng, uniform } from "../../base/rng.ts";
import { type Instant, millis, never, plus } from "../../base/time.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../wire/dhcp4/message.ts";
import type { Lease4 } from "./lease.ts";
import { addressProblem, leaseTimeProblem } from "./replies.ts";
import { routesOf } from "./routes.ts";

const infiniteLease = 0xffffffff;
/** RFC 2132 section 5.1 allows 68; below 576 a host cannot take every datagram it must (RFC 791). */
const leastMtu = 576;

export interface Grant {
  readonly message: Dhcp4Message;
  /** From option 54, or the server we already knew. */
  readonly serverId: Ip4;
  readonly serverMac: Mac;
  /** When our REQUEST went out: the lease counts from there, not from the ACK. */
  readonly sentAt: Instant;
  /** Whether option 108 was asked for. */
  readonly asked108: boolean;
}

/** The lease, or why this ACK grants nothing usable. */
export function leaseFromAck(grant: Grant, now: Instant, rng: Rng): Parsed<Lease4> {
  const { message, serverId, serverMac, sentAt, asked108 } = grant;
  const { options, yiaddr } = message;
  const problem = addressProblem(yiaddr) ?? leaseTimeProblem(options.leaseTime);
  if (problem !== undefined) return invalid(`confirmation ignored: ${problem}`);
  const times = timesOf(options, options.leaseTime ?? 0, sentAt, rng);
  if (times.expiresAt <= now) return invalid("confirmation ignored: the lease had ended before it arrived");
  // Without a mask, or with one that has holes, the subnet is unknown: /32, and routers reached directly (see routes.ts).
  const prefixLength = (options.subnetMask && maskLength(options.subnetMask)) || 32;
  return valid({
    address: yiaddr,
    prefixLength,
    routes: routesOf(yiaddr, prefixLength, options),
    ...parametersOf(options),
    ...(asked108 ? { v6OnlyAsked: true } : {}),
    serverId,
    serverMac,
    acquiredAt: sentAt,
    ...times,
  });
}

function parametersOf(options: Dhcp4Options) {
  const { domainName, interfaceMtu = 0, v6OnlyPreferred } = options;
  return {
    dnsServers: (options.dnsServers ?? []).filter(isHostIp4),
    ntpServers: (options.ntpServers ?? []).filter(isHostIp4),
    domainSearch: options.domainSearch ?? [],
    ...(domainName === undefined ? {} : { domainName }),
    ...(interfaceMtu < leastMtu ? {} : { mtu: interfaceMtu }),
    ...(v6OnlyPreferred === undefined ? {} : { v6OnlyPreferred }),
  };
}

type Times = Pick<Lease4, "renewAt" | "rebindAt" | "expiresAt">;

/**
 * T1 and T2 from options 58 and 59 when 0 < T1 < T2 < lease, else 0.5 and 0.875 of the lease. T1 comes up to 2 % early, so
 * that devices that came up together do not renew together. The shortest lease, 1 s, is renewed every half second; that is
 * the smallest distance between two renewals, because options 58 and 59 count whole seconds.
 */
function timesOf(options: Dhcp4Options, lease: number, from: Instant, rng: Rng): Times {
  if (lease === infiniteLease) return { renewAt: never, rebindAt: never, expiresAt: never };
  const asked = { t1: options.renewalTime ?? lease / 2, t2: options.rebindingTime ?? lease * 0.875 };
  const sound = 0 < asked.t1 && asked.t1 < asked.t2 && asked.t2 < lease;
  const { t1, t2 } = sound ? asked : { t1: lease / 2, t2: lease * 0.875 };
  const early = 1 - uniform(rng, 0, 0.02);
  const after = (secs: number) => plus(from, millis(Math.round(secs * 1000)));
  return { renewAt: after(t1 * early), rebindAt: after(t2), expiresAt: after(lease) };
}
