/** What came of the last thing that somebody asked for. */
import { signal } from "@preact/signals";
import { ApiError } from "./ask.ts";

export interface Notice {
  readonly kind: "good" | "bad";
  readonly text: string;
}
export const notice = signal<Notice | undefined>(undefined);

const lastsMs = 12_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(kind: Notice["kind"], text: string): void {
  clearTimeout(timer);
  notice.value = { kind, text };
  // Good news go by themselves.
  if (kind === "good") timer = setTimeout(dismiss, lastsMs);
}

export function dismiss(): void {
  clearTimeout(timer);
  notice.value = undefined;
}

/** It was about another page. */
export function dismissComplaint(): void {
  if (notice.peek()?.kind === "bad") dismiss();
}

/** What the API said, as it is. */
export const wordsOf = (thrown: unknown): string =>
  thrown instanceof ApiError ? thrown.message : `This page failed: ${String(thrown)}`;
