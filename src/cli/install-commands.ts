/** Commands that installing needs: the import of the original's configuration, and a check that this build runs here. */
import type { Command } from "commander";
import { GatewayError } from "../base/errors.ts";
import { importOriginalConfig } from "../config/import-original.ts";
import { showTyped } from "../config/quote.ts";
import type { Output, ReadText } from "./config-commands.ts";

export interface InstallCommands {
  configImport(file: string): Promise<0>;
  selfTest(): Promise<0 | 1>;
}

/** Adds `config import` beneath `config`, and `self-test`. */
export function addInstalling(
  program: Command,
  commands: InstallCommands,
  act: (done: Promise<0 | 1>) => Promise<void>,
): void {
  program.commands
    .find((command) => command.name() === "config")
    ?.command("import")
    .description("print the original's gateway_config.py as our configuration")
    .argument("<file>", "gateway_config.py; it is read, not run")
    .action((file: string) => act(commands.configImport(file)));
  program
    .command("self-test")
    .description("does this build run on this machine? Changes nothing")
    .action(() => act(commands.selfTest()));
}

/** TOML to standard output, and what was left out to standard error. */
export async function configImport(path: string, read: ReadText, { out, err }: Output): Promise<0> {
  const text = await read(path);
  if (text === undefined)
    throw new GatewayError("config-missing", "operator", `There is no file ${showTyped(path)}.`);
  const imported = importOriginalConfig(text);
  if (!imported.ok)
    throw new GatewayError(
      "config-invalid",
      "operator",
      `${showTyped(path)} cannot be taken over: ${imported.error}`,
    );
  out(imported.value.toml);
  for (const note of imported.value.notes) err(`${note}\n`);
  return 0;
}
