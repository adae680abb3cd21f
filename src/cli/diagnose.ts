/** What `gateway diagnose` prints, for people in 80 columns and as JSON. */
import { formatWall, type WallTime } from "../base/time.ts";
import { areas, type Finding, type Fix, type Severity } from "../diagnose/finding.ts";
import { actionText, type DoneFix, type FixScope, type PlannedFix } from "../diagnose/fixing.ts";
import { summarize } from "../diagnose/run.ts";
import type { RenderOptions } from "./direct.ts";
import { type Style, styled, wrap } from "./text.ts";

export interface DiagnoseOptions {
  readonly fix: FixScope | undefined;
  /** Show what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** Ask the router in the name of every identity. */
  readonly probe: boolean;
  readonly json: boolean;
}

export interface Diagnosis {
  readonly version: string;
  readonly at: WallTime;
  /** Process id. */
  readonly daemon: number | undefined;
  readonly isRoot: boolean;
  readonly findings: readonly Finding[];
}

export interface Mending {
  readonly scope?: FixScope;
  readonly planned: readonly PlannedFix[];
  /** Absent: nothing was done. */
  readonly done?: readonly DoneFix[];
}

const order: readonly Severity[] = ["problem", "warning", "note", "ok"];
const styles: Readonly<Record<Severity, Style | undefined>> = {
  problem: "red",
  warning: "yellow",
  note: "dim",
  ok: "green",
};
const titles: Readonly<Record<Severity, string>> = {
  problem: "Problems",
  warning: "Warnings",
  note: "Good to know",
  ok: "In order",
};
/** More of it is in the JSON. */
const mostEvidence = 12;

export function renderDiagnosis(
  { findings, isRoot }: Diagnosis,
  mending: Mending,
  options: RenderOptions,
): string {
  const { width, color } = options;
  const looked = findings.filter((f) => !f.unseen);
  const blind = findings.filter((f) => f.unseen);
  const groups = order.flatMap((severity) => {
    const some = looked.filter((f) => f.severity === severity);
    const last = severity === "ok" && blind.length > 0 ? blindLines(blind, options) : [];
    if (some.length === 0) return last;
    const lines = severity === "ok" ? shortLines(some, width) : some.flatMap((f) => findingLines(f, width));
    return [styled(titles[severity], styles[severity], color), ...lines, "", ...last];
  });
  const rights = isRoot ? [] : [...wrap("Not everything can be looked at without root.", width, ""), ""];
  return `${[...groups, ...mendingLines(mending, width), ...rights, ...summaryLines(findings, width)].join("\n")}\n`;
}

const nameOf = ({ check }: Finding): string =>
  check.number === undefined ? check.id : `${check.number} ${check.id}`;

function findingLines(finding: Finding, width: number): readonly string[] {
  const { text, evidence = [], fix } = finding;
  const shown = evidence.slice(0, mostEvidence);
  const more = evidence.length - shown.length;
  return [
    ...hang(`${nameOf(finding)}: ${text}`, width, "  "),
    ...shown.flatMap((line) => hang(`- ${line}`, width, "      ")),
    ...(more > 0 ? [`      - and ${more} more`] : []),
    ...(fix ? fixLines(fix, width) : []),
  ];
}

/** Lines after the first stand two columns further in. */
const hang = (text: string, width: number, indent: string): readonly string[] =>
  wrap(text, width - 2, indent).map((line, n) => (n === 0 ? line : `  ${line}`));

/** What could not be looked at, for each reason. */
function blindLines(findings: readonly Finding[], { width, color }: RenderOptions): readonly string[] {
  const reasons = [...new Set(findings.map(({ text }) => text))];
  const lines = reasons.flatMap((reason) => {
    const names = findings.filter(({ text }) => text === reason).map(nameOf);
    return hang(`${names.join(", ")}: ${reason}`, width, "  ");
  });
  return [styled("Not looked at", "dim", color), ...lines, ""];
}

const fixLines = (fix: Fix, width: number): readonly string[] => [
  ...hang(`To mend: ${fix.words}${fix.safe ? ` (--fix-${fix.group} does it)` : ""}`, width, "      "),
  ...fix.commands.slice(0, 6).map((command) => `        ${command}`),
];

/** Those that are well, by area, by name alone. */
function shortLines(findings: readonly Finding[], width: number): readonly string[] {
  return areas.flatMap((area) => {
    const names = findings.filter(({ check }) => check.area === area).map(nameOf);
    return names.length === 0 ? [] : hang(`${area}: ${names.join(", ")}`, width, "  ");
  });
}

function mendingLines({ scope, planned, done }: Mending, width: number): readonly string[] {
  if (scope === undefined) return [];
  if (planned.length === 0) return [`Nothing that --fix-${scope} could mend safely.`, ""];
  if (!done) {
    const lines = planned.flatMap(({ fix }) =>
      fix.actions.flatMap((a) => hang(`- ${actionText(a)}`, width, "  ")),
    );
    return [`--fix-${scope} would do this:`, ...lines, ""];
  }
  const lines = done.flatMap(({ action, before, failure }) =>
    wrap(
      `- ${action}${failure ? `: failed, ${failure}` : before ? ` (before: ${before})` : ""}`,
      width,
      "  ",
    ),
  );
  return ["Done, and looked at again:", ...lines, ""];
}

function summaryLines(findings: readonly Finding[], width: number): readonly string[] {
  const { basic, all, problems, warnings, unseen } = summarize(findings);
  const counts = [
    `${basic.passed} of ${basic.of} of the basic checks, ${all.passed} of ${all.of} in all`,
    `${problems} ${problems === 1 ? "problem" : "problems"}`,
    `${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
    ...(unseen > 0 ? [`${unseen} not looked at`] : []),
  ];
  return wrap(`${counts.join("; ")}.`, width, "");
}

/** All findings, those that are well included. */
export function renderDiagnosisJson(diagnosis: Diagnosis, { scope, planned, done }: Mending): string {
  const { version, at, daemon, isRoot, findings } = diagnosis;
  const json = {
    version,
    at: formatWall(at),
    root: isRoot,
    daemon_pid: daemon ?? null,
    summary: summarize(findings),
    findings: findings.map(({ check, severity, text, evidence = [], fix, unseen = false }) => ({
      check: check.id,
      number: check.number ?? null,
      area: check.area,
      title: check.title,
      severity,
      unseen,
      text,
      evidence,
      fix: fix ? { words: fix.words, safe: fix.safe, group: fix.group, commands: fix.commands } : null,
    })),
    fix: scope
      ? {
          scope,
          planned: planned.flatMap(({ id, fix }) =>
            fix.actions.map((a) => ({ check: id, action: actionText(a) })),
          ),
          done: done?.map(({ id, ...rest }) => ({ check: id, ...rest })) ?? null,
        }
      : null,
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
