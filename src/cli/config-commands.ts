/** `gateway config show|schema`. */
import { configJsonSchema } from "../config/json-schema.ts";
import { renderConfig } from "../config/show.ts";
import { loadConfig, type ReadText } from "./config-load.ts";
import type { ConfigPlace, Output } from "./config-place.ts";

export async function configShow(place: ConfigPlace, read: ReadText, { out, err }: Output): Promise<0> {
  const { config, note } = await loadConfig(place, read);
  if (note !== undefined) err(`${note}\n`);
  out(renderConfig(config));
  return 0;
}

export async function configSchema({ out }: Output): Promise<0> {
  out(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
  return 0;
}
