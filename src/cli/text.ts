/** Text for terminals: width in columns, cutting, wrapping, colour, ages. */
import { between, type Duration, type Instant, type WallTime } from "../base/time.ts";
import { printable } from "../config/quote.ts";

/** Wide in East Asian terminals, emoji included; an approximation of UAX 11 that is good enough for host names. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that the text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += /\p{M}/u.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return columns;
}

/** The beginning of `text` in at most `width` columns, with an ellipsis when something is missing. */
export function cutTo(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let out = "";
  for (const char of text) {
    if (columnsOf(out + char) > width - 1) break;
    out += char;
  }
  return width < 1 ? "" : `${out}…`;
}

export const padTo = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - columnsOf(text)));

/** Breaks at blanks into lines of at most `width` columns, each after `indent`; a longer word is broken anywhere. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const room = Math.max(8, width - columnsOf(indent));
  const lines: string[] = [];
  for (const word of printable(text)
    .split(" ")
    .flatMap((w) => pieces(w, room))) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => indent + line);
}

function pieces(word: string, room: number): readonly string[] {
  const out: string[] = [""];
  for (const char of word) {
    if (columnsOf(`${out.at(-1)}${char}`) > room) out.push("");
    out[out.length - 1] += char;
  }
  return out;
}

export type Style = "green" | "yellow" | "red" | "dim" | "bold";
const codes: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

export const styled = (text: string, style: Style | undefined, color: boolean): string =>
  color && style !== undefined ? `\x1b[${codes[style]}m${text}\x1b[0m` : text;

/** Colour only for a terminal, and not against the user's wish (no-color.org: set and not empty). */
export const wantsColor = (isTty: boolean, env: Readonly<Record<string, string | undefined>>): boolean =>
  isTty && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";

const units = [
  { size: 86_400_000, short: "d", long: "d" },
  { size: 3_600_000, short: "h", long: "h" },
  { size: 60_000, short: "m", long: "min" },
  { size: 1000, short: "s", long: "s" },
] as const;

/** `5s`, `3m`, `2h`, `4d`: the largest unit only. */
export function shortSpan(span: Duration): string {
  const unit = units.find((u) => span >= u.size) ?? units[3];
  return `${Math.floor(Math.max(0, span) / unit.size)}${unit.short}`;
}

/** `5 s`, `2 h 5 min`: the two largest units. */
export function longSpan(span: Duration): string {
  const at = units.findIndex((u) => span >= u.size);
  const first = units[at < 0 ? 3 : at] ?? units[3];
  const second = units[(at < 0 ? 3 : at) + 1];
  const rest = second === undefined ? 0 : Math.floor((span % first.size) / second.size);
  const head = `${Math.floor(Math.max(0, span) / first.size)} ${first.long}`;
  return second === undefined || rest === 0 ? head : `${head} ${rest} ${second.long}`;
}

/** The span since a moment of the calendar; undefined when the clock stands before it, as on a router after boot. */
export function sinceWall(then: WallTime, now: WallTime): Duration | undefined {
  const span = between(then as number as Instant, now as number as Instant);
  return span < -1000 ? undefined : (Math.max(0, span) as Duration);
}
