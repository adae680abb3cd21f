/** What tells whether the clock is right. Part of the composition root. */
import type { ClockFacts } from "../diagnose/facts.ts";
import { systemClock } from "../io/clock.ts";
import { isClockKept } from "../io/clock-state.ts";
import { askSntp } from "../io/probe/sntp.ts";
import type { Sight } from "./diagnose-probes.ts";

const mostServers = 3;
const sntpMs = 1_500;

/** Asks the time servers that the network named in its leases. Never rejects. */
export async function clockFacts({ state }: Sight): Promise<ClockFacts> {
  const named = [...new Set(state.devices.flatMap(({ lease4 }) => lease4?.ntp_servers ?? []))];
  const told = named.slice(0, mostServers).map(async (server) => {
    const time = await askSntp(server, sntpMs, systemClock.wall);
    return time === undefined ? [] : [{ server, ahead: systemClock.wall() - time }];
  });
  return { isKept: isClockKept(), servers: (await Promise.all(told)).flat() };
}
