import * as z from "zod/mini";
import { configSchema, sectionMeta, settingMeta } from "./schema.ts";

/**
 * JSON Schema (draft 2020-12) of the configuration as written in a file. Beside the standard keywords each setting has
 * `unit`, `allowed` (words) and `apply` ("live" or "restart").
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, {
    io: "input",
    target: "draft-2020-12",
    metadata: settingMeta,
    override: ({ zodSchema, jsonSchema }) => {
      // How UCI text converts and how messages are worded is our own business.
      delete jsonSchema.form;
      delete jsonSchema.entry;
      const section = sectionMeta.get(zodSchema as unknown as z.ZodMiniType);
      if (section !== undefined) jsonSchema.description = section.description;
    },
  });
  return { title: "Configuration of the IPv4-IPv6 gateway", ...schema };
}
