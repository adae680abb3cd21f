/** Runs all checks over the facts and counts. */
import { checks } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { type Check, type Finding, ok, type Severity, type Verdict } from "./finding.ts";

/** At least one finding for each check, in their order. */
export const runChecks = (facts: Facts, all: readonly Check[] = checks): readonly Finding[] =>
  all.flatMap((check) => {
    const { id, number, area, title } = check;
    const named = { id, ...(number === undefined ? {} : { number }), area, title };
    return verdictsOf(check, facts).map((verdict) => ({ check: named, ...verdict }));
  });

function verdictsOf(check: Check, facts: Facts): readonly Verdict[] {
  const found = [check.run(facts)].flat();
  return found.length > 0 ? found : [ok("Nothing is wrong here.")];
}

export interface Score {
  readonly passed: number;
  readonly of: number;
}

export interface Summary {
  /** The original's 14. */
  readonly basic: Score;
  readonly all: Score;
  readonly problems: number;
  readonly warnings: number;
  /** Checks that could not look. */
  readonly unseen: number;
}

const isBad = (severity: Severity): boolean => severity === "warning" || severity === "problem";

/** A check has passed when it could look and found neither problem nor warning. */
export function summarize(findings: readonly Finding[]): Summary {
  const byCheck = new Map<string, Finding[]>();
  for (const f of findings) byCheck.set(f.check.id, [...(byCheck.get(f.check.id) ?? []), f]);
  const score = (only: (finding: Finding) => boolean): Score => {
    const groups = [...byCheck.values()].filter((group) => group.some(only));
    const passed = groups.filter((group) => group.every((f) => !isBad(f.severity) && !f.unseen));
    return { passed: passed.length, of: groups.length };
  };
  const count = (severity: Severity): number => findings.filter((f) => f.severity === severity).length;
  return {
    basic: score(({ check }) => check.number !== undefined),
    all: score(() => true),
    problems: count("problem"),
    warnings: count("warning"),
    unseen: [...byCheck.values()].filter((group) => group.some((f) => f.unseen)).length,
  };
}
