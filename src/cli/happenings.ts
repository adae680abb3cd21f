/** What happened to a device, in words. */
import type { RecentEntryJson } from "../api/contract.ts";
import { printable } from "../config/quote.ts";

type Entry = Pick<RecentEntryJson, "kind" | "family" | "detail" | "count">;

const words: Readonly<Record<string, string>> = {
  seen: "seen on the LAN",
  refused: "refused",
  requesting: "asked for",
  "attempt-failed": "not obtained",
  obtained: "obtained",
  renewed: "renewed",
  configured: "in use",
  informed: "informed",
  lost: "lost",
  conflict: "conflict",
  ignored: "answer ignored",
  failed: "failed",
  released: "released",
  resting: "rests",
  inactive: "silent: no frames from it",
  active: "heard again",
  forgotten: "forgotten",
};

const families = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** As `IPv4 obtained: 198.51.100.7 by discover from 198.51.100.1`. */
export function happening({ kind, family, detail, count }: Entry): string {
  const what = `${family ? `${families[family]} ` : ""}${words[kind] ?? kind}`;
  const text = detail === "" ? what : `${what}: ${detail}`;
  return printable(count > 1 ? `${text} (${count} times)` : text);
}

/** Whether all of it happened today, in this machine's time zone: then times need no date. */
export const areToday = (moments: readonly string[], now: number): boolean =>
  moments.every((at) => new Date(at).toDateString() === new Date(now).toDateString());

/** `14:03:22`, with its date `11-28 14:03:22`; of this machine's time zone. */
export function momentText(at: string, dated: boolean): string {
  const then = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(":");
  const day = `${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return dated ? `${day} ${time}` : time;
}
