/** Answers that no event tells of: asked for again and again while somebody looks. */
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, ask } from "./ask.ts";
import { line } from "./live.ts";

export interface Polled<T> {
  /** The last good answer. */
  readonly value: Signal<T | undefined>;
  /** Why the last question had none. */
  readonly error: Signal<ApiError | undefined>;
  /** Asks at once. */
  readonly refresh: () => void;
}

/** @param onAnswer called with each good answer, before it is shown */
export function usePolled<T>(path: string, everyMs: number, onAnswer?: (value: T) => void): Polled<T> {
  const value = useSignal<T | undefined>(undefined);
  const error = useSignal<ApiError | undefined>(undefined);
  const question = useRef<AbortController | undefined>(undefined);
  const refresh = async (): Promise<void> => {
    // Only the last question's answer counts.
    question.current?.abort();
    const mine = new AbortController();
    question.current = mine;
    try {
      const answer = await ask<T>(path, { signal: mine.signal });
      if (mine.signal.aborted) return;
      onAnswer?.(answer);
      value.value = answer;
      error.value = undefined;
    } catch (thrown) {
      if (mine.signal.aborted) return;
      error.value = thrown instanceof ApiError ? thrown : new ApiError(0, "The answer cannot be read.");
    } finally {
      if (question.current === mine) question.current = undefined;
    }
  };
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    const timer = setInterval(() => {
      const idle = question.current === undefined;
      if (idle && !document.hidden && line.peek() === "live") void latest.current();
    }, everyMs);
    return () => {
      clearInterval(timer);
      question.current?.abort();
    };
  }, [path, everyMs]);
  useSignalEffect(() => {
    // Also after the line was lost: what is shown is old.
    if (line.value === "live") void latest.current();
  });
  return { value, error, refresh: () => void latest.current() };
}
