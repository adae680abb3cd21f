/** `gateway diagnose` on the command line. */
import { type Command, Option } from "commander";
import type { FixScope } from "../diagnose/fixing.ts";
import type { DiagnoseOptions } from "./diagnose.ts";

interface Typed {
  readonly fixAll?: true;
  readonly fixNetwork?: true;
  readonly fixService?: true;
  readonly dryRun?: true;
  readonly probe?: true;
  readonly json?: true;
}

const examples = `
Examples:
  gateway diagnose                      what is wrong, and what mends it
  gateway diagnose --fix-all --dry-run  what would be mended
  gateway diagnose --fix-all            mend it, and look again
  gateway diagnose --json               all findings, for scripts

Exit codes: 0 no problem, 1 problems found or left, 2 wrong usage`;

/** Adds the command; `act` runs it. */
export function addDiagnose(program: Command, act: (options: DiagnoseOptions) => Promise<void>): void {
  const fix = (name: string, what: string, others: readonly string[]): Option =>
    new Option(`--fix-${name}`, what).conflicts([...others]);
  program
    .command("diagnose")
    .description("look at everything, say what is wrong, and mend what is safe to mend")
    .addOption(fix("all", "mend what is safe to mend", ["fixNetwork", "fixService"]))
    .addOption(fix("network", "only of the network", ["fixService"]))
    .addOption(fix("service", "only of the service", []))
    .option("--dry-run", "show what would be mended, and do nothing")
    .option("--probe", "ask the router in the name of every device, not of three (five a second)")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action((typed: Typed) =>
      act({
        fix: scopeOf(typed) ?? (typed.dryRun ? "all" : undefined),
        dryRun: typed.dryRun === true,
        probe: typed.probe === true,
        json: typed.json === true,
      }),
    );
}

function scopeOf({ fixAll, fixNetwork, fixService }: Typed): FixScope | undefined {
  if (fixAll) return "all";
  if (fixNetwork) return "network";
  return fixService ? "service" : undefined;
}
