/** Whether the clock is right, as far as anything tells. */
import { formatWall } from "../base/time.ts";
import type { Facts } from "./facts.ts";
import { advice, type Check, note, ok, problem, type Verdict, warning } from "./finding.ts";
import { isFull } from "./host-disk.ts";
import { deviceText } from "./views.ts";

/** 2025-01-01: no build of ours is older. */
const builtAfter = 1_735_689_600_000;
const minute = 60_000;
/** A renewal is written to the disk half a minute late. */
const surelyWritten = 2 * minute;

/**
 * By how many milliseconds the clock has leapt ahead since the leases were written, at least; undefined: nothing tells. The running gateway counts
 * leases by another clock: what it still uses has not ended.
 */
export function leaptAhead({ state, daemon, api, now, disks }: Facts): number | undefined {
  const isTold = daemon.pid !== undefined && api.socket === 200;
  // Then renewals are not in the file.
  const isStale = disks.some((disk) => disk.what === "state" && (disk.isReadOnly || isFull(disk)));
  if (!isTold || isStale) return undefined;
  const ends = state.devices.flatMap(({ status, lease4, ipv4_wan_address }) =>
    status === "active" && lease4 && lease4.address === ipv4_wan_address && Number.isFinite(lease4.expires_at)
      ? [lease4.expires_at as number]
      : [],
  );
  const since = now - Math.max(...ends);
  return ends.length > 0 && since > surelyWritten ? since : undefined;
}

/** Whether stored times can be compared with the clock. */
export const isClockWrong = (facts: Facts): boolean =>
  leaptAhead(facts) !== undefined || wrongByServers(facts) !== undefined;

/** Milliseconds ahead of the time server that differs least; undefined: none differs, or none was heard. */
function wrongByServers({ clock }: Facts): number | undefined {
  const [least] = clock.servers.toSorted((a, b) => Math.abs(a.ahead) - Math.abs(b.ahead));
  return least && Math.abs(least.ahead) > minute ? least.ahead : undefined;
}

function spanText(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / minute);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

const kept = (isKept: boolean | undefined): readonly string[] =>
  isKept === undefined
    ? []
    : [`the kernel says that ${isKept ? "somebody keeps" : "nobody keeps"} the clock`];

function leaptVerdict(
  facts: Facts,
  leapt: number,
  evidence: readonly string[],
  fix: ReturnType<typeof advice>,
): Verdict {
  const { state, clock } = facts;
  const ended = state.devices.flatMap((d) =>
    d.status === "active" && d.lease4
      ? [
          `${deviceText(d)}: ${d.lease4.address} is in use, and by the clock its lease ended at ${formatWall(d.lease4.expires_at)}`,
        ]
      : [],
  );
  const all = [...evidence, ...ended.slice(0, 3), ...kept(clock.isKept)];
  const text = `The clock has leapt ahead by more than ${spanText(leapt)} since the leases were written`;
  return clock.isKept
    ? note(`${text}, and is kept now: it was wrong then.`, all)
    : warning(`${text}: it is wrong now, or was then.`, all, fix);
}

const clock: Check = {
  id: "clock",
  area: "host",
  title: "the clock is right",
  looksAt:
    "the year, the time at which the state file was written, the time servers that the network named in its leases (SNTP), and the leases that the running gateway uses although they have ended by the clock; whether the kernel says that the clock is kept. Without time servers and without a running gateway it cannot see a clock that is ahead.",
  means: "Certificates, logs and stored leases are judged wrongly; leases themselves run by another clock.",
  remedy: "Set the clock, and let NTP keep it.",
  run(facts) {
    const { now, state } = facts;
    const evidence = [
      `the clock says ${formatWall(now)}`,
      ...(state.writtenAt === undefined
        ? []
        : [`devices.json was written at ${formatWall(state.writtenAt)}`]),
    ];
    const fix = advice(
      "service",
      "Set the clock, and let NTP keep it.",
      "date -u",
      "ntpd -q -p pool.ntp.org",
    );
    if (now < builtAfter) return problem("The clock stands far in the past.", evidence, fix);
    const ahead = wrongByServers(facts);
    if (ahead !== undefined) {
      const told = facts.clock.servers.map(
        (s) => `${s.server}: ${spanText(s.ahead)} ${s.ahead > 0 ? "earlier" : "later"} than the clock`,
      );
      return problem(
        `The clock is ${spanText(ahead)} ${ahead > 0 ? "ahead" : "behind"}, by the network's time servers.`,
        [...evidence, ...told, ...kept(facts.clock.isKept)],
        fix,
      );
    }
    if (state.writtenAt !== undefined && state.writtenAt > now + minute)
      return warning("The clock went backwards: the state file is from the future.", evidence, fix);
    const leapt = leaptAhead(facts);
    if (leapt !== undefined) return leaptVerdict(facts, leapt, evidence, fix);
    return ok(`The clock says ${formatWall(now)}.`, kept(facts.clock.isKept));
  },
};

export const clockChecks: readonly Check[] = [clock];
