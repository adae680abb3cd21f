import type { Action } from "../../plan/diff.ts";
import { renderIp } from "../../plan/render.ts";
import { resourceKey } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";

/** What the kernel refused, by the key of the resource. */
export interface Failure {
  readonly key: string;
  readonly message: string;
  /** What it belongs to is not there, which others tell. */
  readonly absent?: true;
}

/** Errors that mean that the wanted state is there already, or that a race was lost which the next pass sees anyway. */
const harmless =
  /File exists|already assigned|No such process|Cannot find device|No such file or directory|Cannot assign requested|Address not found|FIB table does not exist/i;

/** An `ip` line, and the key of what it is for. */
export interface Line {
  readonly key: string;
  readonly line: string;
}

/** Those of one action, all for its resource. */
export function linesOf(action: Action): Line[] {
  const key = resourceKey(action.resource);
  return renderIp(action).map((line) => ({ key, line }));
}

/** Carries lines out in one process, all of them; tells which the kernel refused for good. */
export async function runBatch(kernel: Kernel, lines: readonly Line[], family?: 4 | 6): Promise<Failure[]> {
  if (lines.length === 0) return [];
  const failed = await kernel.ipBatch(
    lines.map(({ line }) => line),
    family,
  );
  return failed
    .filter((f) => !harmless.test(f.message))
    .map((f) => {
      const { key = "ip", line = "" } = lines[f.line] ?? {};
      return { key, message: `${f.message} (ip ${line})` };
    });
}
