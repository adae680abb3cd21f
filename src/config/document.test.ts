import { expect, test } from "vitest";
import { renderConfigDocument } from "./document.ts";
import { settings } from "./schema.ts";

test("docs/configuration.md is what the schema says; after a change: npm run docs", async () => {
  const text = renderConfigDocument();
  expect(text.match(/^\| `/gm)).toHaveLength(settings.length);
  await expect(text).toMatchFileSnapshot("../../docs/configuration.md");
});
