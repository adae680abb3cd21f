import type { CommandModel } from "./command-model.ts";
import { modelOf } from "./command-model.ts";
import { buildProgram, type Commands } from "./program.ts";

/** The whole command line, with commands that do nothing. */
export function sampleModel(): CommandModel {
  const nothing = new Proxy({}, { get: () => async () => 0 }) as Commands;
  const around = { out: () => {}, err: () => {}, version: "1.2.3", defaultConfigPath: "/etc/g.toml" };
  return modelOf(buildProgram(nothing, around, { code: 0 }));
}
