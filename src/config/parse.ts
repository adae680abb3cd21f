/** From the text of a configuration file to a Config. Reads no file itself. */
import { checkConfig } from "./checks.ts";
import { type ConfigProblem, schemaProblems, valueAt } from "./problems.ts";
import { type Config, configSchema, settings } from "./schema.ts";
import { loadToml } from "./toml.ts";
import { loadUci } from "./uci.ts";

export type ConfigOutcome =
  | { readonly ok: true; readonly config: Config }
  /** Every problem that was found, at least one. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** `.toml` is TOML, /etc/config is UCI; else a line `config <type>` or `package <name>` tells UCI, since TOML never has one. */
export function syntaxOf(text: string, path: string): "toml" | "uci" {
  if (path.endsWith(".toml")) return "toml";
  if (path.startsWith("/etc/config/")) return "uci";
  return /^[ \t]*(?:config|package)[ \t]+[^\s=]/m.test(text) ? "uci" : "toml";
}

/** Editors of other systems put a byte order mark first. */
export const withoutMark = (text: string): string => text.replace(/^\ufeff/, "");

/** Reads and validates; `path` decides the syntax and is not opened. Never throws. */
export function parseConfig(text: string, path: string): ConfigOutcome {
  const clean = withoutMark(text);
  const loaded = syntaxOf(clean, path) === "toml" ? loadToml(clean) : loadUci(clean);
  const wrong = schemaProblems(loaded.input);
  const problems = [...loaded.problems, ...wrong, ...crossProblems(loaded.input, wrong)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config: configSchema.parse(loaded.input) };
}

/** Checks between settings, also when some are wrong: those stand at their defaults and take no part. */
function crossProblems(input: unknown, wrong: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const keys = new Set(
    settings.map((s) => `${s.section}.${s.key}`).filter((key) => wrong.some((p) => concerns(p, key))),
  );
  const sound = keepSound(input, keys);
  const parsed = configSchema.safeParse(sound);
  return parsed.success ? checkConfig(parsed.data, keys) : [];
}

const concerns = ({ key: given }: ConfigProblem, key: string): boolean =>
  given === key || given.startsWith(`${key}.`) || given.startsWith(`${key}[`) || key.startsWith(`${given}.`);

function keepSound(input: unknown, wrong: ReadonlySet<string>): Record<string, Record<string, unknown>> {
  const out: Record<string, Record<string, unknown>> = {};
  for (const { section, key } of settings) {
    const value = wrong.has(`${section}.${key}`) ? undefined : valueAt(input, [section, key]);
    if (value !== undefined) out[section] = { ...out[section], [key]: value };
  }
  return out;
}
