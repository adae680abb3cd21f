import { nftTable } from "../../plan/marks.ts";
import { savedText } from "../../plan/ruleset.ts";

/** Adds a setting as it was to what our table keeps. */
export const saveScript = (key: string, value: string): string =>
  `add element ${nftTable.family} ${nftTable.name} saved { ${savedText(key, value)} }\n`;
