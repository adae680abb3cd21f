/** Whether somebody keeps the clock, as the kernel knows it. */
import { createRequire } from "node:module";

/** More than `struct timex` has on any machine; zeros ask and change nothing. */
const TIMEX_BYTES = 512;
/** The clock is not kept: nobody has told the kernel the time, or no more (adjtimex(2)). */
const TIME_ERROR = 5;

/** Undefined where the kernel cannot be asked. */
export function isClockKept(): boolean | undefined {
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const ask = koffi.load(null).func("adjtimex", "int", ["uint8_t *"]);
    const state: number = ask(new Uint8Array(TIMEX_BYTES));
    return state < 0 ? undefined : state !== TIME_ERROR;
  } catch {
    return undefined;
  }
}
