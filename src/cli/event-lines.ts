/** Events as lines. */
import type { RecentEntryJson } from "../api/contract.ts";
import { formatWall } from "../base/time.ts";
import { printable } from "../config/quote.ts";
import type { RenderOptions } from "./direct.ts";
import { happening, momentText } from "./happenings.ts";
import { cutTo, padTo, styled, wrap } from "./text.ts";

const hostColumns = 12;

export interface EventOptions extends RenderOptions {
  /** A person looks at it on a terminal: long lines go on below their beginning. */
  readonly wraps: boolean;
  /** Not all of it is of today. */
  readonly dated: boolean;
}

/** Time, MAC, host name, what happened. */
export function renderEvent(entry: RecentEntryJson, options: EventOptions): string {
  const { width, color, wraps, dated } = options;
  const time = momentText(entry.at, dated);
  const host = padTo(cutTo(printable(entry.hostname ?? "-"), hostColumns), hostColumns);
  const head = `${time}  ${entry.mac_address}  ${host}  `;
  const text = happening(entry);
  const bad = entry.kind === "failed" || entry.kind === "lost" || entry.kind === "conflict";
  const style = bad ? "red" : entry.kind === "configured" ? "green" : undefined;
  if (!wraps) return `${head}${text}\n`;
  const lines = wrap(text, Math.max(8, width - head.length), "");
  const [first = "", ...rest] = lines.map((line) => styled(line, style, color));
  return [`${head}${first}`, ...rest.map((line) => " ".repeat(head.length) + line)].join("\n").concat("\n");
}

const keyOf = ({ mac_address, at, kind, family, detail, count }: RecentEntryJson): string =>
  [mac_address, at, kind, family, detail, count].join(" ");

/** So many are remembered, to print nothing twice. */
const most = 5_000;

/** Prints each once, whether it is told of as it happens or stands in the past. */
export class Known {
  readonly #print: (entry: RecentEntryJson) => void;
  readonly #keys = new Set<string>();

  /** @param old what is not to be printed any more */
  constructor(print: (entry: RecentEntryJson) => void, old: readonly RecentEntryJson[]) {
    this.#print = print;
    for (const entry of old) this.#keys.add(keyOf(entry));
  }

  add(entry: RecentEntryJson): void {
    const key = keyOf(entry);
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    for (const old of this.#keys) {
      if (this.#keys.size <= most) break;
      this.#keys.delete(old);
    }
    this.#print(entry);
  }

  note(entries: readonly RecentEntryJson[]): void {
    for (const entry of entries) this.add(entry);
  }

  removed({ mac_address }: Pick<RecentEntryJson, "mac_address">): void {
    const at = formatWall(Date.now() as Parameters<typeof formatWall>[0]);
    this.#print({ mac_address, hostname: null, at, kind: "forgotten", family: null, detail: "", count: 1 });
  }
}
