import { parse, TomlError } from "smol-toml";
import { messageOf } from "../base/errors.ts";
import type { ConfigProblem } from "./problems.ts";
import { cut, printable } from "./quote.ts";

/** What a loader makes of a text: a value in the form of ConfigInput, not yet validated, and what could not be read. */
export interface Loaded {
  readonly input: unknown;
  readonly problems: readonly ConfigProblem[];
}

/** Reads TOML 1.0; a syntax error tells line and column. */
export function loadToml(text: string): Loaded {
  try {
    return { input: parse(text, { unsafeKeyBehaviour: "throw" }), problems: [] };
  } catch (thrown) {
    const known = thrown instanceof TomlError ? { lineNumber: thrown.line } : {};
    const where = thrown instanceof TomlError ? `line ${thrown.line}, column ${thrown.column}: ` : "";
    // The library's message goes on with an excerpt of the file; its first line says what is wrong.
    const [first = ""] = messageOf(thrown).split("\n");
    const why = cut(printable(first.replace("Invalid TOML document: ", "")), 200);
    return { input: {}, problems: [{ key: "", line: `${where}not valid TOML: ${why}`, ...known }] };
  }
}
