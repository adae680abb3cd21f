/** `gateway diagnose` on the command line. */
import { Option } from "commander";
import type { FixScope } from "../diagnose/fixing.ts";
import { type Adding, type Done, jsonOption } from "./commands/common.ts";
import type { ConfigPlace } from "./config-place.ts";
import type { DiagnoseOptions } from "./diagnose.ts";
import { explain } from "./help.ts";

interface Typed {
  readonly fixAll?: true;
  readonly fixNetwork?: true;
  readonly fixService?: true;
  readonly dryRun?: true;
  readonly probe?: true;
  readonly json?: true;
}

export interface DiagnoseCommands {
  diagnose(config: ConfigPlace, options: DiagnoseOptions): Done;
}

export function addDiagnose({ program, place, act }: Adding, commands: DiagnoseCommands): void {
  const fix = (name: string, what: string, others: readonly string[]): Option =>
    new Option(`--fix-${name}`, what).conflicts([...others]);
  explain(
    program.command("diagnose"),
    "look at everything, say what is wrong, and mend what is safe to mend",
    "Exit code 1 when there is a problem, or one is left. With the daemon running or not.",
    ["gateway diagnose", "what is wrong, and what mends it"],
    ["gateway diagnose --fix-all --dry-run", "what would be mended"],
    ["gateway diagnose --fix-all", "mend it, and look again"],
    ["gateway diagnose --json", "all findings, for scripts"],
  )
    .addOption(fix("all", "mend what is safe to mend", ["fixNetwork", "fixService"]))
    .addOption(fix("network", "only of the network", ["fixService"]))
    .addOption(fix("service", "only of the service", []))
    .option("--dry-run", "show what would be mended, and do nothing")
    .option("--probe", "ask the router in the name of every device, not of three (five a second)")
    .option(...jsonOption)
    .action((typed: Typed) =>
      act(
        commands.diagnose(place(), {
          fix: scopeOf(typed) ?? (typed.dryRun ? "all" : undefined),
          dryRun: typed.dryRun === true,
          probe: typed.probe === true,
          json: typed.json === true,
        }),
      ),
    );
}

function scopeOf({ fixAll, fixNetwork, fixService }: Typed): FixScope | undefined {
  if (fixAll) return "all";
  if (fixNetwork) return "network";
  return fixService ? "service" : undefined;
}
