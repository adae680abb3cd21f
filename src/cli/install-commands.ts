/** Commands that installing needs: the import of the original's configuration, and a check that this build runs here. */
import { type Adding, type Done, jsonOption, type Told, told } from "./commands/common.ts";
import type { ImportOptions } from "./config-import.ts";
import { explain } from "./help.ts";

export interface InstallCommands {
  configImport(file: string, options: ImportOptions): Done;
  selfTest(options: Told): Done;
}

/** Adds `config import` beneath `config`, and `self-test`. */
export function addInstalling({ program, act }: Adding, commands: InstallCommands): void {
  const config = program.commands.find((command) => command.name() === "config");
  if (!config) throw new Error("there is no command config yet");
  explain(config.command("import"), "print the original's gateway_config.py as our configuration", "", [
    "gateway config import gateway_config.py >gateway.toml",
    "what was left out is told beside it",
  ])
    .argument("<file>", "gateway_config.py; it is read, not run")
    .option("--uci", "as OpenWrt has it in /etc/config, instead of TOML")
    .option(...jsonOption)
    .action((file: string, options: { json?: true; uci?: true }) =>
      act(commands.configImport(file, { ...told(options), uci: options.uci === true })),
    );
  explain(
    program.command("self-test"),
    "does this build run on this machine?",
    "Codecs, configuration and the native part. Changes nothing and needs no rights.",
    ["gateway self-test", "after copying it to a new machine"],
    ["gateway self-test --json", "for scripts"],
  )
    .option(...jsonOption)
    .action((options: { json?: true }) => act(commands.selfTest(told(options))));
}
