/** When to send again: RFC 2131 sections 4.1 and 4.4.5, and RFC 5227. */
import { type Rng, uniform } from "../../base/rng.ts";
import { between, type Duration, type Instant, longest, millis, plus, seconds } from "../../base/time.ts";
import { doubled } from "../retry.ts";
import type { Lease4 } from "./lease.ts";

/**
 * RFC 5227 section 1.1 waits 0-1 s, sends three probes 1-2 s apart and waits 2 s more: four to seven seconds during which
 * the device has no network. Two quick probes find every host that answers ARP at the usual speed of a LAN; a slower one is
 * still found by its answer to the announcements, and the address is then defended or given up.
 */
export const probeCount = 2;
const probeGapLow = millis(150);
const probeGapHigh = millis(250);
/** From the last probe to taking the address. */
export const probeWait = millis(200);
export const probeGap = (rng: Rng): Duration => millis(Math.round(uniform(rng, probeGapLow, probeGapHigh)));

/** ANNOUNCE_INTERVAL, RFC 5227 section 1.1. */
export const announceInterval = seconds(2);
/** DEFEND_INTERVAL, RFC 5227 section 1.1. */
export const defendInterval = seconds(10);
/** After a DECLINE, RFC 2131 section 3.1 item 5: "a minimum of ten seconds". */
export const declinePause = seconds(10);

/** An OFFER that comes at the last moment of an attempt still has time for one REQUEST and its first retransmission. */
export const requestGrace = seconds(5);

/** RFC 2131 section 4.1: 4, 8, 16, 32, then 64 s, each plus or minus one second. `sent` messages have gone out so far. */
export const retransmitDelay = (sent: number, rng: Rng): Duration =>
  millis(Math.round(doubled(seconds(4), sent - 1, seconds(64)) + uniform(rng, -1000, 1000)));

const shortLease = seconds(300);

/**
 * RFC 2131 section 4.4.5: the next REQUEST after half the time left until `until` (T2, or the end of the lease), at least
 * 60 s, but no later than `until`, where the next state begins. Deviation: a lease shorter than 5 minutes would never see a
 * retransmission by that rule, so its minimum is 1 s.
 */
export function renewAgainAt(lease: Lease4, until: Instant, now: Instant): Instant {
  const least = between(lease.acquiredAt, lease.expiresAt) < shortLease ? seconds(1) : seconds(60);
  const at = plus(now, longest(least, millis(Math.round(between(now, until) / 2))));
  return at < until ? at : until;
}
