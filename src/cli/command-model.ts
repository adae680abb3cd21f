/** The command line as data, read from the same tree that parses it: completion and the manual page are made of this. */
import type { Command, Option } from "commander";
import { type Example, examplesOf } from "./help.ts";

export interface ArgumentModel {
  readonly name: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly choices: readonly string[];
  readonly description: string;
}

export interface OptionModel {
  /** As `-c` and `--config`. */
  readonly names: readonly string[];
  /** What it takes, as `file`; undefined: nothing. */
  readonly value: string | undefined;
  readonly choices: readonly string[];
  readonly description: string;
}

export interface CommandModel {
  /** Without the program's own name. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly usage: string;
  readonly arguments: readonly ArgumentModel[];
  readonly options: readonly OptionModel[];
  readonly subcommands: readonly CommandModel[];
  readonly examples: readonly Example[];
}

/** Hidden commands and options are left out. */
export function modelOf(command: Command, path: readonly string[] = []): CommandModel {
  const help = command.createHelp();
  return {
    path,
    summary: command.summary() || command.description(),
    description: command.description(),
    usage: command.usage(),
    arguments: command.registeredArguments.map((a) => ({
      name: a.name(),
      required: a.required,
      variadic: a.variadic,
      choices: a.argChoices ?? [],
      description: a.description,
    })),
    options: help.visibleOptions(command).map(optionModel),
    subcommands: help
      .visibleCommands(command)
      .filter((sub) => command.commands.includes(sub))
      .map((sub) => modelOf(sub, [...path, sub.name()])),
    examples: examplesOf(command),
  };
}

const optionModel = (option: Option): OptionModel => ({
  names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
  value: /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1],
  choices: option.argChoices ?? [],
  description: option.description,
});

/** The command and all beneath it. */
export const allCommands = (model: CommandModel): readonly CommandModel[] => [
  model,
  ...model.subcommands.flatMap(allCommands),
];
