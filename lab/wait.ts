/** Real time: the laboratory waits for real programs. */
export const sleep = (ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms);
  });

export interface WaitOptions {
  /** 10 s unless told. */
  readonly timeoutMs?: number;
  /** 50 ms unless told. */
  readonly everyMs?: number;
  /** Added to the message when time runs out, for example the last lines of a log. */
  readonly explain?: () => string | Promise<string>;
}

/** What was waited for has not happened in time. */
export class OutOfTime extends Error {}

/**
 * Asks `probe` until it gives something that is not undefined, false or null, and resolves with that.
 * A probe that throws is asked again; its last error stands in the message. Errors: OutOfTime.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const end = performance.now() + timeoutMs;
  let lastError = "";
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false)
        return value as NonNullable<Exclude<T, false>>;
      lastError = "";
    } catch (error) {
      lastError = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    if (performance.now() > end) break;
    await sleep(options.everyMs ?? 50);
  }
  const more = options.explain === undefined ? "" : `\n${await options.explain()}`;
  throw new OutOfTime(`not within ${timeoutMs / 1000} s: ${what}${lastError}${more}`);
}
