/** `gateway schema`: the schemas as the build wrote them down, since making them takes longer than all the rest. Part of the composition root. */
import { readFile } from "node:fs/promises";
import { GatewayError } from "../base/errors.ts";
import type { Output } from "../cli/config-place.ts";
import { jsonText } from "../cli/json-text.ts";

/** Errors: GatewayError "usage" for a command that is not among them. */
export async function showSchema(of: string | undefined, { out }: Output): Promise<0> {
  const text = await readFile(new URL("gateway-schemas.json", import.meta.url), "utf8");
  const all = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (of !== undefined && !Object.hasOwn(all, of)) {
    const known = Object.keys(all).sort().join(", ");
    throw new GatewayError("usage", "operator", `no command of that name prints JSON; these do: ${known}`);
  }
  out(jsonText(of === undefined ? all : all[of]));
  return 0;
}
