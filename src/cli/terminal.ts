/** How output is to look. */
import type { WallTime } from "../base/time.ts";
import type { RenderOptions } from "./direct.ts";
import { wantsColor } from "./text.ts";

/** Of standard output, now. */
export const terminal = (): RenderOptions => ({
  now: Date.now() as WallTime,
  // A serial console says 0.
  width: process.stdout.columns || 80,
  color: wantsColor(process.stdout.isTTY === true, process.env),
});
