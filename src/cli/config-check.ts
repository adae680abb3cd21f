/** `gateway config check`. */
import { showTyped } from "../config/quote.ts";
import { loadConfig, type ReadText } from "./config-load.ts";
import type { ConfigPlace, Output } from "./config-place.ts";

export async function configCheck(place: ConfigPlace, read: ReadText, { out, err }: Output): Promise<0> {
  const { note } = await loadConfig(place, read);
  if (note === undefined) out(`${showTyped(place.path)}: the configuration is good.\n`);
  else err(`${note}\n`);
  return 0;
}
