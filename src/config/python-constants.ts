/** Module-level constants of a Python file, `NAME = literal`, read as text: nothing is run. */

export interface PythonConstants {
  readonly values: ReadonlyMap<string, unknown>;
  /** Names whose values are no literals, and are left out. */
  readonly unread: readonly string[];
}

type Token =
  | { readonly kind: "mark"; readonly text: string }
  | { readonly kind: "value"; readonly value: unknown };

const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
const string = /^(?:"""([\s\S]*?)"""|'''([\s\S]*?)'''|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')/;
const number = /^[+-]?(?:\d[\d_]*)(?:\.\d+)?(?![\w.])/;
const word = /^[A-Za-z_]\w*/;

/** The next token of a value, and what is left; undefined at what is no part of a literal. */
function nextToken(text: string): { token: Token; rest: string } | undefined {
  const found = (length: number, token: Token) => ({ token, rest: text.slice(length) });
  const mark = /^[[\](){},:]/.exec(text);
  if (mark) return found(1, { kind: "mark", text: mark[0] });
  const quoted = string.exec(text);
  if (quoted) {
    const raw = quoted.slice(1).find((part) => part !== undefined) ?? "";
    return found(quoted[0].length, { kind: "value", value: raw.replace(/\\(.)/g, "$1") });
  }
  const digits = number.exec(text);
  if (digits) return found(digits[0].length, { kind: "value", value: Number(digits[0].replaceAll("_", "")) });
  const name = word.exec(text)?.[0];
  if (name !== undefined && Object.hasOwn(words, name))
    return found(name.length, { kind: "value", value: words[name] });
  return undefined;
}

/** Blanks and comments; inside brackets, lines end nowhere. */
const skip = (text: string, inside: boolean): string =>
  text.replace(inside ? /^(?:\s|#[^\n]*)+/ : /^[ \t]+/, "");

class Reader {
  constructor(public text: string) {}

  /** A literal. Throws at anything else. */
  value(inside: boolean): unknown {
    const token = this.#next(inside);
    if (token.kind === "value") return token.value;
    if (token.text === "[" || token.text === "(") return this.#list(token.text === "[" ? "]" : ")");
    if (token.text === "{") return this.#table();
    throw new Error(`unexpected ${token.text}`);
  }

  #next(inside: boolean): Token {
    const found = nextToken(skip(this.text, inside));
    if (!found) throw new Error("no literal");
    this.text = found.rest;
    return found.token;
  }

  #take(mark: string): boolean {
    const text = skip(this.text, true);
    if (!text.startsWith(mark)) return false;
    this.text = text.slice(mark.length);
    return true;
  }

  #list(end: string): unknown[] {
    const out: unknown[] = [];
    while (!this.#take(end)) {
      out.push(this.value(true));
      if (!this.#take(",") && !skip(this.text, true).startsWith(end)) throw new Error("no comma");
    }
    return out;
  }

  #table(): Record<string, unknown> {
    const out: Record<string, unknown> = Object.create(null);
    while (!this.#take("}")) {
      const key = this.value(true);
      if (!this.#take(":")) throw new Error("no colon");
      out[String(key)] = this.value(true);
      if (!this.#take(",") && !skip(this.text, true).startsWith("}")) throw new Error("no comma");
    }
    return out;
  }
}

/** Reads a whole file; never throws. Of a name that is given twice the last value counts, as in Python. */
export function readPythonConstants(text: string): PythonConstants {
  const values = new Map<string, unknown>();
  const unread = new Set<string>();
  for (const match of text.matchAll(/^([A-Z][A-Z0-9_]*)[ \t]*(?::[^=\n]*)?=(?!=)/gm)) {
    const [whole, name = ""] = match;
    const reader = new Reader(text.slice(match.index + whole.length));
    values.delete(name);
    unread.delete(name);
    try {
      const value = reader.value(false);
      // An expression goes on behind its first literal.
      if (!/^[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/.test(reader.text)) throw new Error("an expression");
      values.set(name, value);
    } catch {
      unread.add(name);
    }
  }
  return { values, unread: [...unread] };
}
