/** `gateway log-level [AREA] [LEVEL]`: which messages the running gateway writes to its log. */
import { Argument } from "commander";
import { logAreas, logLevels } from "../base/log-areas.ts";
import { type Adding, type Done, jsonOption, told } from "./commands/common.ts";
import type { ConfigPlace, Output } from "./config-place.ts";
import { explain } from "./help.ts";

/** As the API has it. */
export interface LogLevelsJson {
  readonly level: string;
  readonly areas: Readonly<Record<string, string>>;
}

export interface LogLevelArguments {
  /** Undefined, or `all`: those without a level of their own. */
  readonly area: string | undefined;
  /** Undefined: only show. */
  readonly level: string | undefined;
  readonly json?: boolean;
}

export interface LogCommands {
  logLevel(config: ConfigPlace, args: LogLevelArguments): Done;
}

export function addLogLevel({ program, place, act }: Adding, commands: LogCommands): void {
  explain(
    program.command("log-level"),
    "which messages the daemon logs: show it, or change it",
    "A change lasts until the next start; log.level and log.levels in the configuration last longer.",
    ["gateway log-level", "all areas"],
    ["gateway log-level dhcp4 debug", "more of one of them"],
    ["gateway log-level dhcp4 default", "as the rest again"],
  )
    .addArgument(new Argument("[area]", "one part of the gateway").choices(["all", ...logAreas]))
    .addArgument(new Argument("[level]", "default: as the rest").choices([...logLevels, "default"]))
    .option(...jsonOption)
    .action((area: string | undefined, level: string | undefined, options: { json?: true }) =>
      act(commands.logLevel(place(), { area, level, ...told(options) })),
    );
}

/** What PUT /log-levels takes. */
export const changeOf = ({ area, level }: Pick<LogLevelArguments, "area" | "level">) => ({
  ...(area === undefined || area === "all" ? {} : { area }),
  level,
});

export function showLogLevels(
  { level, areas }: LogLevelsJson,
  area: string | undefined,
  { out }: Pick<Output, "out">,
): void {
  if (area && area !== "all") out(`${areas[area] ?? level}\n`);
  else out(renderLevels(level, areas));
}

const renderLevels = (level: string, areas: LogLevelsJson["areas"]): string =>
  [["all", level], ...Object.entries(areas)].map(([name = "", of]) => `${name.padEnd(10)} ${of}\n`).join("");
