/** What a check says: how bad it is, in words, from what it knows that, and what mends it. */
import type { Facts } from "./facts.ts";

/** `problem`: something does not work, or will not soon. `warning`: it may. `note`: good to know, nothing to do. */
export type Severity = "ok" | "note" | "warning" | "problem";

/** The groups of `--fix-network` and `--fix-service`. */
export type FixGroup = "network" | "service";

/** What `--fix-…` can do by itself; each can be shown before, and says what it did. */
export type FixAction =
  /** `key` as under /proc/sys. */
  | { readonly kind: "write-setting"; readonly key: string; readonly value: string }
  /** By systemd or procd. */
  | { readonly kind: "service"; readonly verb: "start" | "enable" }
  | { readonly kind: "remove-file"; readonly path: string }
  /** The damaged file is set aside, and the newest good backup takes its place. */
  | { readonly kind: "restore-state"; readonly path: string }
  /** Of our own; whoever supervises them starts them anew. */
  | { readonly kind: "end-processes"; readonly pids: readonly number[]; readonly program: string };

export interface Fix {
  /** In words, for a person. */
  readonly words: string;
  /** Whether `--fix-…` may do it without asking: it changes nothing that a person has decided, and cannot make things worse. */
  readonly safe: boolean;
  readonly group: FixGroup;
  /** What a person can type to the same end. */
  readonly commands: readonly string[];
  /** Empty where a person has to act. */
  readonly actions: readonly FixAction[];
}

/** What one look found. */
export interface Verdict {
  readonly severity: Severity;
  /** Full sentences. */
  readonly text: string;
  /** What was seen, a line each. */
  readonly evidence?: readonly string[];
  readonly fix?: Fix;
  /** Nothing could be seen, or there is nothing to see while something else does not work. */
  readonly unseen?: true;
}

export const areas = ["configuration", "service", "ports", "network", "devices", "ways in", "host"] as const;
export type Area = (typeof areas)[number];

export interface Check {
  /** Stable: scripts hold on to it. */
  readonly id: string;
  /** Of the original's 14. */
  readonly number?: number;
  readonly area: Area;
  /** A few words. */
  readonly title: string;
  /** For the documentation: what is looked at, what a problem means, and what mends it. */
  readonly looksAt: string;
  readonly means: string;
  readonly remedy: string;
  /** Pure. Nothing found is all well. */
  readonly run: (facts: Facts) => Verdict | readonly Verdict[];
}

export interface Finding extends Verdict {
  readonly check: Pick<Check, "id" | "number" | "area" | "title">;
}

export const ok = (text: string, evidence?: readonly string[]): Verdict => verdict("ok", text, evidence);
export const note = (text: string, evidence?: readonly string[], fix?: Fix): Verdict =>
  verdict("note", text, evidence, fix);
export const warning = (text: string, evidence?: readonly string[], fix?: Fix): Verdict =>
  verdict("warning", text, evidence, fix);
export const problem = (text: string, evidence?: readonly string[], fix?: Fix): Verdict =>
  verdict("problem", text, evidence, fix);

/** @param why a full sentence */
export const unseen = (why: string): Verdict => ({ severity: "note", text: why, unseen: true });

const verdict = (severity: Severity, text: string, evidence: readonly string[] = [], fix?: Fix): Verdict => ({
  severity,
  text,
  ...(evidence.length > 0 ? { evidence } : {}),
  ...(fix ? { fix } : {}),
});

/** What a person has to do. */
export const advice = (group: FixGroup, words: string, ...commands: readonly string[]): Fix => ({
  words,
  safe: false,
  group,
  commands,
  actions: [],
});

/** What `--fix-…` does. */
export const mend = (
  group: FixGroup,
  words: string,
  actions: readonly FixAction[],
  ...commands: readonly string[]
): Fix => ({ words, safe: true, group, commands, actions });
