/** The syntax of OpenWrt's UCI files (`config type 'name'`, `option`, `list`), as libuci's file.c reads it. */
import { cut, printable } from "./quote.ts";

export interface UciValue {
  readonly kind: "option" | "list";
  readonly name: string;
  readonly value: string;
  readonly line: number;
}
export interface UciSection {
  readonly type: string;
  /** Undefined for an anonymous section. */
  readonly name: string | undefined;
  readonly line: number;
  readonly values: readonly UciValue[];
}
export interface UciFile {
  readonly sections: readonly UciSection[];
  readonly errors: readonly { readonly line: number; readonly why: string }[];
}

interface Statement {
  readonly words: readonly string[];
  readonly line: number;
}

/** ASCII only, as C's isspace. Both must agree: a character that ends a word and is not skipped would be read for ever. */
const blank = /^[ \t\r\v\f]/;
const wordEnd = /^[ \t\r\v\f\n;#]/;

/** Splits into statements and words: quotes join pieces, may span lines; `#` begins a comment, `;` ends a statement. */
class Lexer {
  #at = 0;
  #line = 1;
  readonly errors: { line: number; why: string }[] = [];
  constructor(private readonly text: string) {}

  #next(): string {
    const char = this.text[this.#at++] ?? "";
    if (char === "\n") this.#line++;
    return char;
  }

  /** The next statement, possibly without words; undefined at the end. */
  statement(): Statement | undefined {
    if (this.#at >= this.text.length) return undefined;
    const words: string[] = [];
    const line = this.#line;
    for (;;) {
      this.#skipBlanks();
      const char = this.text[this.#at];
      if (char === undefined || char === "\n" || char === ";") break;
      if (char === "#") this.#skipComment();
      else words.push(this.#word());
    }
    this.#next();
    return { words, line };
  }

  #skipBlanks(): void {
    for (;;) {
      const rest = this.text.slice(this.#at, this.#at + 2);
      if (rest === "\\\n") this.#next();
      else if (!blank.test(rest)) return;
      this.#next();
    }
  }

  #skipComment(): void {
    while (this.#at < this.text.length && this.text[this.#at] !== "\n") this.#at++;
  }

  #word(): string {
    let word = "";
    for (;;) {
      const char = this.text[this.#at];
      if (char === undefined || wordEnd.test(char)) return word;
      this.#next();
      if (char === "'" || char === '"') word += this.#quoted(char);
      else if (char !== "\\") word += char;
      else word += this.#escaped();
    }
  }

  /** What a backslash stands for: the next character itself, nothing before a line end. */
  #escaped(): string {
    const char = this.#next();
    return char === "\n" ? "" : char;
  }

  #quoted(quote: string): string {
    const line = this.#line;
    let out = "";
    while (this.#at < this.text.length) {
      const char = this.#next();
      if (char === quote) return out;
      out += char === "\\" && quote === '"' ? this.#escaped() : char;
    }
    this.errors.push({ line, why: `the quote ${quote} is never closed` });
    return out;
  }
}

const isName = (text: string | undefined): text is string =>
  text !== undefined && /^[A-Za-z0-9_-]+$/.test(text);
const shown = (text: string): string => printable(JSON.stringify(cut(text, 40)));

/** Reads a whole file; never throws. */
export function parseUci(text: string): UciFile {
  const lexer = new Lexer(text);
  const sections: { type: string; name: string | undefined; line: number; values: UciValue[] }[] = [];
  const errors = lexer.errors;
  for (let s = lexer.statement(); s !== undefined; s = lexer.statement()) {
    const { words, line } = s;
    const [keyword, first, second] = words;
    const fail = (why: string) => errors.push({ line, why });
    if (keyword === undefined || keyword === "package") continue;
    if (keyword === "config") {
      if (words.length > 3 || !isName(first)) fail("must be: config <type> '<name>'");
      else sections.push({ type: first, name: second, line, values: [] });
    } else if (keyword === "option" || keyword === "list") {
      const section = sections.at(-1);
      if (words.length !== 3 || !isName(first)) fail(`must be: ${keyword} <name> '<value>'`);
      else if (section === undefined) fail(`${keyword} ${first} stands before the first config line`);
      else section.values.push({ kind: keyword, name: first, value: second ?? "", line });
    } else fail(`begins with ${shown(keyword)}; allowed are config, option, list and package`);
  }
  return { sections, errors };
}
