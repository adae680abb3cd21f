/** Holds what a command printed with `--json` against its published schema. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { outputSchemas } from "../../src/cli/output-schemas.ts";

/** The document, if it is as the schema says. */
export function checkOutput(command: string, text: string): unknown {
  const schema = outputSchemas()[command];
  if (typeof schema !== "object" || schema === null) throw new Error(`no schema of ${command}`);
  const document: unknown = JSON.parse(text);
  const valid = new Ajv2020({ validateFormats: false, allErrors: true }).compile(schema);
  valid(document);
  expect(valid.errors ?? [], `${command}: ${text}`).toEqual([]);
  return document;
}
