/** `gateway config import`: the original's configuration as ours. */
import { GatewayError } from "../base/errors.ts";
import { importOriginalConfig } from "../config/import-original.ts";
import { showTyped } from "../config/quote.ts";
import { openWrtDefaults, renderUci, withDefaults } from "../config/uci-text.ts";
import type { Told } from "./commands/common.ts";
import type { ReadText } from "./config-load.ts";
import type { Output } from "./config-place.ts";
import { jsonText } from "./json-text.ts";

const uciHead = "# Taken over from gateway_config.py. Every key with its meaning: gateway config show\n";

export interface ImportOptions extends Told {
  /** As OpenWrt has it, instead of TOML. */
  readonly uci: boolean;
}

/** TOML or UCI to standard output, and what was left out to standard error; in JSON both in one document. */
export async function configImport(
  path: string,
  read: ReadText,
  { json, uci, out, err }: Output & ImportOptions,
): Promise<0> {
  const text = await read(path);
  if (text === undefined)
    throw new GatewayError("config-missing", "operator", `There is no file ${showTyped(path)}.`);
  const imported = importOriginalConfig(text);
  if (!imported.ok)
    throw new GatewayError(
      "config-invalid",
      "operator",
      `${showTyped(path)} cannot be taken over: ${imported.error}`,
    );
  const { settings, toml, notes } = imported.value;
  if (json) out(jsonText({ settings, notes }));
  else {
    out(uci ? `${uciHead}${renderUci(withDefaults(openWrtDefaults, settings))}` : toml);
    for (const note of notes) err(`${note}\n`);
  }
  return 0;
}
