import * as z from "zod/mini";
import { configSchema, sectionMeta, settingMeta } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * JSON Schema (draft 2020-12) of the configuration as written in a file. Beside the standard keywords each setting has
 * `unit`, `allowed` (words) and `apply` ("live" or "restart").
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: "Configuration of the IPv4-IPv6 gateway", ...fileSchema() };
}

/** The same with standard keywords alone, as a part of another schema. @param complete: no setting may be absent */
export function settingsJsonSchema({ complete }: { readonly complete: boolean }): JsonSchema {
  const { $schema: _, ...schema } = fileSchema((part, isSection) => {
    for (const keyword of ["unit", "allowed", "apply"]) delete part[keyword];
    if (complete && isSection) part.required = Object.keys(part.properties ?? {});
  });
  return complete ? { ...schema, required: Object.keys(schema.properties ?? {}) } : schema;
}

function fileSchema(change: (part: JsonSchema, isSection: boolean) => void = () => {}): JsonSchema {
  return z.toJSONSchema(configSchema, {
    io: "input",
    target: "draft-2020-12",
    metadata: settingMeta,
    override: ({ zodSchema, jsonSchema }) => {
      // How UCI text converts and how messages are worded is our own business.
      delete jsonSchema.form;
      delete jsonSchema.entry;
      const section = sectionMeta.get(zodSchema as unknown as z.ZodMiniType);
      if (section !== undefined) jsonSchema.description = section.description;
      change(jsonSchema, section !== undefined);
    },
  });
}
