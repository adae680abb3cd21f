/** The command line: what is allowed, help, and exit codes. What the commands do is handed in. */
import { Command, CommanderError } from "commander";
import { GatewayError, messageOf } from "../base/errors.ts";
import { cutMiddle, printable } from "../config/quote.ts";
import { aliases } from "./aliases.ts";
import { type Adding, type Done, type ExitCode, jsonOption, type Told, told } from "./commands/common.ts";
import { addDeviceChanges, type DeviceChanges } from "./commands/device-changes.ts";
import { addInbound, type InboundCommands } from "./commands/inbound.ts";
import { addShell, type ShellCommands } from "./commands/shell.ts";
import { addViews, type ViewCommands } from "./commands/views.ts";
import type { ConfigPlace, Output } from "./config-place.ts";
import { addDiagnose, type DiagnoseCommands } from "./diagnose-command.ts";
import { explain } from "./help.ts";
import { addInstalling, type InstallCommands } from "./install-commands.ts";
import { addLogLevel, type LogCommands } from "./log-level-command.ts";
import type { ForwardArguments } from "./port-forward.ts";

export interface Commands
  extends ViewCommands,
    DiagnoseCommands,
    DeviceChanges,
    LogCommands,
    InboundCommands,
    InstallCommands,
    ShellCommands {
  run(config: ConfigPlace): Done;
  configCheck(config: ConfigPlace, options: Told): Done;
  configShow(config: ConfigPlace, options: Told): Done;
  configSchema(): Done;
  cleanup(config: ConfigPlace, options: Told): Done;
  forwardAdd(config: ConfigPlace, forward: ForwardArguments, options: Told): Done;
  forwardRemove(config: ConfigPlace, forward: ForwardArguments, options: Told): Done;
  forwardList(config: ConfigPlace, options: { readonly json: boolean }): Done;
  forwardQuick(config: ConfigPlace, address: string, options: Told): Done;
}

export interface Surroundings extends Output {
  readonly version: string;
  /** Where the configuration is when `--config` is not given. */
  readonly defaultConfigPath: string;
}

const examples = (path: string): string => `
Examples:
  gateway run                          start the gateway in the foreground
  gateway run --config ./gateway.toml  the same with another configuration
  gateway devices                      all devices with their addresses
  gateway devices failed               only those that failed, and why
  gateway device 00:00:5e:00:53:01     one device, and what happened to it
  gateway diagnose                     what is wrong, and what mends it
  gateway status --json                for scripts
  gateway port-forward add 8081 192.168.1.100 80
                                       the device's page at port 8081 as well
  gateway config check                 is the configuration good?
  gateway config show                  every setting in force, explained
  gateway cleanup                      for when the daemon is gone for good

Configuration: ${path}
Exit codes: 0 good, 1 failed, 2 wrong usage or configuration`;

/** What the name under which the program was started stands for; `invokedAs` is argv[1]. */
export function aliasArguments(invokedAs: string): readonly string[] {
  const name = (invokedAs.split("/").at(-1) ?? "").replace(/\.js$/, "");
  return aliases.get(name) ?? [];
}

export interface Outcome {
  code: ExitCode;
}

/** Runs one command line: `argv` is process.argv whole. Writes to `around`, never exits the process, never rejects. */
export async function runProgram(
  argv: readonly string[],
  commands: Commands,
  around: Surroundings,
): Promise<ExitCode> {
  const outcome: Outcome = { code: 0 };
  const program = buildProgram(commands, around, outcome);
  try {
    await program.parseAsync([...aliasArguments(argv[1] ?? ""), ...argv.slice(2)], { from: "user" });
    return outcome.code;
  } catch (thrown) {
    // Commander has printed its own message; help and version come as errors with exit code 0.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    around.err(`${errorText(thrown)}\n`);
    const isUsage = thrown instanceof GatewayError && /^(config-|usage$)/.test(thrown.code);
    return isUsage ? 2 : 1;
  }
}

function errorText(thrown: unknown): string {
  const hint = thrown instanceof GatewayError && thrown.hint !== undefined ? `\nHint: ${thrown.hint}` : "";
  // Messages of programs and of the system repeat what they were given.
  return `gateway: ${messageOf(thrown)}${hint}`
    .split("\n")
    .map((line) => cutMiddle(printable(line), longestLine))
    .join("\n");
}

const longestLine = 1000;

/** Commander's complaint, with what was typed in it, as one line; its advice stands on a line of its own there. */
const complaint = (text: string): string => `${cutMiddle(printable(inOurWords(text.trimEnd())), 240)}\n`;

const inOurWords = (text: string): string =>
  text
    .replace(/\n(?=\(Did you mean [^\n]*\?\)$)/, " ")
    .replace(
      /^error: command-argument value '([\s\S]*)' is invalid for argument '(.*?)'\./,
      "error: '$1' is no $2.",
    );

const longestTerm = 24;

/** Its options and long lists of arguments stand in its own help. */
function subcommandTerm(command: Command): string {
  const whole = `${command.name()} ${command.createHelp().commandUsage(command).split(`${command.name()} `).at(-1)}`;
  const words = whole.replace("[options] ", "").replace(" [options]", "");
  return words.length <= longestTerm ? words : `${command.name()} ...`;
}

/** The command line; what runs notes how it ended in `outcome`. */
export function buildProgram(commands: Commands, around: Surroundings, outcome: Outcome): Command {
  const program = new Command("gateway")
    .description("Gives every IPv4-only device behind it its own MAC, lease and address on the network.")
    .version(around.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .option("-c, --config <file>", `configuration, TOML or UCI (default: ${around.defaultConfigPath})`)
    .helpCommand("help [command]", "print help for a command")
    .addHelpText("after", examples(around.defaultConfigPath))
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .showHelpAfterError("gateway --help shows what there is.")
    .configureOutput({
      writeOut: around.out,
      writeErr: around.err,
      outputError: (text, write) => write(complaint(text)),
    })
    .exitOverride();

  const place = (): ConfigPlace => {
    const { config } = program.opts<{ config?: string }>();
    return config === undefined
      ? { path: around.defaultConfigPath, named: false }
      : { path: config, named: true };
  };
  const act = async (done: Done): Promise<void> => {
    outcome.code = await done;
  };

  const adding: Adding = { program, place, act };
  explain(
    program.command("run"),
    "the daemon, in the foreground",
    "Ends in good order with SIGTERM or Ctrl-C. Identities and leases stay in the kernel, so that a restart drops no connection.",
    ["gateway run", "with the configuration at its usual place"],
    ["gateway run --config ./gateway.toml", "with another one"],
  ).action(() => act(commands.run(place())));
  addViews(adding, commands);
  addDeviceChanges(adding, commands);
  addDiagnose(adding, commands);
  addForwards(adding, commands);
  addInbound(adding, commands);
  addConfig(adding, commands);
  addLogLevel(adding, commands);
  addInstalling(adding, commands);
  explain(
    program.command("cleanup"),
    "remove all that the gateway owns in the kernel",
    "Interfaces, rules, routes, tables and child processes; settings are put back. The daemon must not run.",
    ["gateway cleanup", "for when the daemon is gone for good"],
    ["gateway cleanup --json", "what was removed, for scripts"],
  )
    .option(...jsonOption)
    .action((options: { json?: true }) => act(commands.cleanup(place(), told(options))));
  addShell(adding, commands, around);
  return program;
}

interface ForwardOptions {
  readonly udp?: true;
  readonly json?: true;
}

function addForwards({ program, place, act }: Adding, commands: Commands): void {
  const forward = explain(
    program.command("port-forward"),
    "ports that lead to a device, besides the automatic ones",
    "Kept over restarts; they hold whether or not the daemon runs.",
    ["gateway port-forward list", "all of them"],
    ["gateway port-forward add 8081 192.168.1.100 80", "the device's page at port 8081 as well"],
  );
  for (const verb of ["add", "remove"] as const) {
    explain(
      forward.command(verb),
      verb === "add" ? "lead a port to a port of a device" : "take such a port away again",
      "",
      [`gateway port-forward ${verb} 8081 192.168.1.100 80`, "TCP"],
      [`gateway port-forward ${verb} 5353 192.168.1.100 53 --udp`, "UDP"],
    )
      .argument("<gateway-port>", "1 to 65535: of the gateway, and of the device's WAN addresses")
      .argument("<device-ip>", "the device's address on the LAN")
      .argument("<device-port>", "1 to 65535")
      .option("--udp", "UDP instead of TCP (IPv4 only)")
      .option(...jsonOption)
      .action((gatewayPort: string, address: string, port: string, options: ForwardOptions) => {
        const args = { gatewayPort, address, port, udp: options.udp === true };
        const run = verb === "add" ? commands.forwardAdd : commands.forwardRemove;
        return act(run(place(), args, told(options)));
      });
  }
  explain(
    forward.command("list"),
    "all of them",
    "",
    ["gateway port-forward list", "as a table"],
    ["gateway port-forward list --json", "for scripts"],
  )
    .option(...jsonOption)
    .action((options: { json?: true }) => act(commands.forwardList(place(), told(options))));
  explain(
    forward.command("quick-device"),
    "8080 to 80, 2323 to 23, 8443 to 443, 2222 to 22 of one device",
    "",
    ["gateway port-forward quick-device 192.168.1.100", "all four at once"],
  )
    .argument("<device-ip>", "the device's address on the LAN")
    .option(...jsonOption)
    .action((address: string, options: { json?: true }) =>
      act(commands.forwardQuick(place(), address, told(options))),
    );
}

function addConfig({ program, place, act }: Adding, commands: Commands): void {
  const config = explain(
    program.command("config"),
    "check, show or describe the configuration",
    "",
    ["gateway config check", "is it good?"],
    ["gateway config show", "every setting in force, explained"],
  );
  explain(
    config.command("check"),
    "validate, and name every problem",
    "Exit code 2 when there is one.",
    ["gateway config check --config new.toml", "before it is put in place"],
    ["gateway config check --json", "for scripts"],
  )
    .option(...jsonOption)
    .action((options: { json?: true }) => act(commands.configCheck(place(), told(options))));
  explain(
    config.command("show"),
    "print the effective configuration with an explanation of each key",
    "",
    ["gateway config show >gateway.toml", "a file to start from"],
    ["gateway config show --json", "the values alone, for scripts"],
  )
    .option(...jsonOption)
    .action((options: { json?: true }) => act(commands.configShow(place(), told(options))));
  explain(config.command("schema"), "print the JSON Schema of the configuration", "", [
    "gateway config schema >schema.json",
    "for editors",
  ]).action(() => act(commands.configSchema()));
}
