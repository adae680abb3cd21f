/** Which changes of the configuration a running gateway takes over as it is, without starting anew. */
import type { Config } from "./schema.ts";

/** Dnsmasq and the proxy are told at their start whether they are to say everything. */
const toldAtStart = ["lan", "proxy"] as const;

const isDebug = ({ log }: Config, area: (typeof toldAtStart)[number]): boolean =>
  (log.levels[area] ?? log.level) === "debug";

function withoutLevels({ log, ...config }: Config): string {
  const { level: _, levels: __, ...rest } = log;
  return JSON.stringify({ ...config, log: rest });
}

/** Whether `log.level` and `log.levels` are all that differs, and nobody but the log needs to know. */
export function changesLevelsAlone(before: Config, after: Config): boolean {
  const levelsOf = ({ log }: Config): string =>
    JSON.stringify([log.level, Object.entries(log.levels).sort()]);
  return (
    levelsOf(before) !== levelsOf(after) &&
    withoutLevels(before) === withoutLevels(after) &&
    toldAtStart.every((area) => isDebug(before, area) === isDebug(after, area))
  );
}
