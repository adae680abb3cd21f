/** The reading of the configuration that all commands share, and which loads no more than that needs. */
import { GatewayError, messageOf } from "../base/errors.ts";
import { type ConfigOutcome, parseConfig } from "../config/parse.ts";
import { configError } from "../config/problems.ts";
import { showTyped } from "../config/quote.ts";
import { type Config, defaultConfig } from "../config/schema.ts";
import type { ConfigPlace } from "./config-place.ts";

/** The file's text, or undefined when there is none; other troubles reject. */
export type ReadText = (path: string) => Promise<string | undefined>;

export interface LoadedConfig {
  readonly config: Config;
  /** One sentence when the defaults stand in for a file that is not there. */
  readonly note: string | undefined;
}

export interface ReadConfig {
  /** Undefined: there is no file at the default place. */
  readonly text: string | undefined;
  readonly outcome: ConfigOutcome;
}

/**
 * Reads and validates. A missing file at the default place means the defaults.
 * Errors: GatewayError "config-missing", "config-unreadable", "config-invalid".
 */
export async function loadConfig(place: ConfigPlace, read: ReadText): Promise<LoadedConfig> {
  const { text, outcome } = await readConfig(place, read);
  if (!outcome.ok) throw configError(showTyped(place.path), outcome.problems);
  return { config: outcome.config, note: text === undefined ? missingNote(place) : undefined };
}

export const missingNote = ({ path }: ConfigPlace): string =>
  `There is no ${showTyped(path)}: the defaults are in force.`;

/** The same, without a judgement of what is wrong. Errors: GatewayError "config-missing", "config-unreadable". */
export async function readConfig({ path, named }: ConfigPlace, read: ReadText): Promise<ReadConfig> {
  const text = await read(path).catch((thrown: unknown) => {
    const why = showTyped(messageOf(thrown));
    throw new GatewayError("config-unreadable", "operator", `${showTyped(path)} cannot be read: ${why}`);
  });
  if (text !== undefined) return { text, outcome: parseConfig(text, path) };
  if (!named) return { text, outcome: { ok: true, config: defaultConfig() } };
  throw new GatewayError(
    "config-missing",
    "operator",
    `There is no file ${showTyped(path)}.`,
    "name an existing file with --config",
  );
}
