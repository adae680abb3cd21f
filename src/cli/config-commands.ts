/** `gateway config show|schema`. */
import { configJsonSchema } from "../config/json-schema.ts";
import { renderConfig, writtenConfig } from "../config/show.ts";
import type { Told } from "./commands/common.ts";
import { loadConfig, type ReadText } from "./config-load.ts";
import type { ConfigPlace, Output } from "./config-place.ts";
import { jsonText } from "./json-text.ts";

export async function configShow(
  place: ConfigPlace,
  read: ReadText,
  { json, out, err }: Output & Told,
): Promise<0> {
  const { config, note } = await loadConfig(place, read);
  if (json) {
    out(jsonText({ file: place.path, exists: note === undefined, settings: writtenConfig(config) }));
    return 0;
  }
  if (note !== undefined) err(`${note}\n`);
  out(renderConfig(config));
  return 0;
}

export async function configSchema({ out }: Output): Promise<0> {
  out(jsonText(configJsonSchema()));
  return 0;
}
