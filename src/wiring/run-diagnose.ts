/** `gateway diagnose`: gathers, judges, mends where told to, and judges again. Part of the composition root. */
import { setTimeout as sleep } from "node:timers/promises";
import packageJson from "../../package.json" with { type: "json" };
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import {
  type DiagnoseOptions,
  type Diagnosis,
  renderDiagnosis,
  renderDiagnosisJson,
} from "../cli/diagnose.ts";
import { terminal } from "../cli/terminal.ts";
import type { Finding } from "../diagnose/finding.ts";
import { planFixes } from "../diagnose/fixing.ts";
import { runChecks, summarize } from "../diagnose/run.ts";
import { gatherFacts } from "./diagnose-facts.ts";
import { applyFixes } from "./diagnose-fixes.ts";
import { load } from "./files-of.ts";

/** 0: no problem; 1: some, or some that are left after mending. */
export async function diagnose(
  place: ConfigPlace,
  options: DiagnoseOptions,
  { out, err }: Output,
): Promise<0 | 1> {
  // Only where somebody watches.
  const progress = process.stderr.isTTY ? (line: string) => err(`${line}\n`) : undefined;
  const render = terminal();
  const config = await load(place);
  const look = async (): Promise<Diagnosis> => {
    const facts = await gatherFacts({
      config,
      place,
      probeAll: options.probe,
      onStep: (what) => progress?.(`looked at ${what}`),
    });
    const findings = runChecks(facts);
    return {
      version: packageJson.version,
      at: facts.now,
      daemon: facts.daemon.pid,
      isRoot: facts.isRoot,
      findings,
    };
  };
  const first = await look();
  const planned = options.fix ? planFixes(first.findings, options.fix) : [];
  const show = options.json ? renderDiagnosisJson : renderDiagnosis;
  if (!options.fix || options.dryRun || planned.length === 0) {
    out(show(first, { planned, ...(options.fix ? { scope: options.fix } : {}) }, render));
    return codeOf(first.findings);
  }
  if (progress) for (const { fix } of planned) progress(`mending: ${fix.words}`);
  const done = await applyFixes(planned);
  progress?.("looking again");
  const last = await lookUntilMended(look, new Set(planned.map(({ id }) => id)));
  out(show(last, { planned, done, scope: options.fix }, render));
  return codeOf(last.findings);
}

const rounds = 4;
const pauseMs = 1_000;

/** What was ended is started anew by its supervisor a moment later. */
async function lookUntilMended(look: () => Promise<Diagnosis>, ids: ReadonlySet<string>): Promise<Diagnosis> {
  for (let n = 1; ; n++) {
    await sleep(pauseMs);
    const diagnosis = await look();
    const isLeft = diagnosis.findings.some((f) => ids.has(f.check.id) && f.severity === "problem");
    if (!isLeft || n >= rounds) return diagnosis;
  }
}

const codeOf = (findings: readonly Finding[]): 0 | 1 => (summarize(findings).problems > 0 ? 1 : 0);
