/** `gateway log-level [AREA] [LEVEL]`: which messages the running gateway writes to its log. */
import { Argument, type Command } from "commander";
import { logAreas, logLevels } from "../base/log-areas.ts";
import type { Output } from "./config-commands.ts";

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
}

/** Registers the command; `act` does it. */
export function addLogLevel(program: Command, act: (args: LogLevelArguments) => Promise<void>): void {
  program
    .command("log-level")
    .description("which messages the running gateway logs; shows it, or changes it until the next start")
    .addArgument(new Argument("[area]", "one part of the gateway").choices(["all", ...logAreas]))
    .addArgument(new Argument("[level]", "default: as the rest").choices([...logLevels, "default"]))
    .action((area: string | undefined, level: string | undefined) => act({ area, level }));
}

/** What PUT /log-levels takes. */
export const changeOf = ({ area, level }: LogLevelArguments) => ({
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
