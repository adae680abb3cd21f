/** Asks the running gateway which messages it logs, or to change that. Part of the composition root. */

import type { ConfigPlace, Output } from "../cli/config-place.ts";
import { jsonText } from "../cli/json-text.ts";
import {
  changeOf,
  type LogLevelArguments,
  type LogLevelsJson,
  showLogLevels,
} from "../cli/log-level-command.ts";
import { openClient } from "./ask-api.ts";

export async function logLevel(place: ConfigPlace, args: LogLevelArguments, output: Output): Promise<0> {
  const { api } = await openClient(place);
  const levels =
    args.level === undefined
      ? await api.get<LogLevelsJson>("/log-levels")
      : await api.change<LogLevelsJson>("PUT", "/log-levels", changeOf(args));
  if (args.json) output.out(jsonText(levels));
  else showLogLevels(levels, args.area, output);
  return 0;
}
