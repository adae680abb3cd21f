/** `gateway config import`: the original's configuration as ours. */
import { GatewayError } from "../base/errors.ts";
import { importOriginalConfig } from "../config/import-original.ts";
import { showTyped } from "../config/quote.ts";
import type { ReadText } from "./config-load.ts";
import type { Output } from "./config-place.ts";

/** TOML to standard output, and what was left out to standard error. */
export async function configImport(path: string, read: ReadText, { out, err }: Output): Promise<0> {
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
  out(imported.value.toml);
  for (const note of imported.value.notes) err(`${note}\n`);
  return 0;
}
