/** Which of the fixes `--fix-…` does, and in what words. */
import type { Finding, Fix, FixAction, FixGroup } from "./finding.ts";

export type FixScope = FixGroup | "all";

/** Something that `--fix-…` does. */
export interface PlannedFix {
  /** Of the check. */
  readonly id: string;
  readonly fix: Fix;
}

/** Safe ones of the scope, for whatever is not well; a thing that two checks want is done once. */
export function planFixes(findings: readonly Finding[], scope: FixScope): readonly PlannedFix[] {
  const done = new Set<string>();
  return findings.flatMap(({ check, severity, fix }) => {
    if (severity === "ok" || !fix?.safe || (scope !== "all" && fix.group !== scope)) return [];
    const actions = fix.actions.filter((action) => {
      const key = JSON.stringify(action);
      const isNew = !done.has(key);
      done.add(key);
      return isNew;
    });
    return actions.length === 0 ? [] : [{ id: check.id, fix: { ...fix, actions } }];
  });
}

/** As a sentence without its full stop. */
export function actionText(action: FixAction): string {
  switch (action.kind) {
    case "write-setting":
      return `write ${action.value} to /proc/sys/${action.key}`;
    case "service":
      return `${action.verb} the service ipv4-ipv6-gateway`;
    case "remove-file":
      return `rename ${action.path} to ${action.path}.stale`;
    case "restore-state":
      return `set ${action.path} aside, and put its newest good backup in its place`;
    case "end-processes":
      return `end ${action.program} (process ${action.pids.join(", ")})`;
  }
}

export interface DoneFix {
  readonly id: string;
  readonly action: string;
  /** What was there before, where that can be told. */
  readonly before?: string;
  /** Why it could not be done. */
  readonly failure?: string;
}
