/** The command line: what is allowed, help, and exit codes. What the commands do is handed in. */
import { Argument, Command, CommanderError } from "commander";
import { GatewayError, messageOf } from "../base/errors.ts";
import { cutMiddle, printable } from "../config/quote.ts";
import { type DeviceStatus, deviceStatuses } from "../config/state-device.ts";
import type { ConfigPlace, Output } from "./config-commands.ts";
import type { DiagnoseOptions } from "./diagnose.ts";
import { addDiagnose } from "./diagnose-command.ts";
import type { ForwardArguments } from "./port-forward.ts";

/** 0 good, 1 failed, 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** How a command ended; a GatewayError it rejects with is told to the user. */
type Done = Promise<ExitCode>;

export interface Commands {
  run(config: ConfigPlace): Done;
  statusDirect(config: ConfigPlace, options: { readonly json: boolean }): Done;
  devicesDirect(
    config: ConfigPlace,
    options: { readonly json: boolean; readonly status: DeviceStatus | undefined },
  ): Done;
  configCheck(config: ConfigPlace): Done;
  configShow(config: ConfigPlace): Done;
  configSchema(): Done;
  cleanup(config: ConfigPlace): Done;
  diagnose(config: ConfigPlace, options: DiagnoseOptions): Done;
  forwardAdd(config: ConfigPlace, forward: ForwardArguments): Done;
  forwardRemove(config: ConfigPlace, forward: ForwardArguments): Done;
  forwardList(config: ConfigPlace, options: { readonly json: boolean }): Done;
  forwardQuick(config: ConfigPlace, address: string): Done;
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
  gateway status --json                for scripts
  gateway port-forward add 8081 192.168.1.100 80
                                       the device's page at port 8081 as well
  gateway diagnose                     what is wrong, and what mends it
  gateway config check                 is the configuration good?
  gateway config show                  every setting in force, explained
  gateway cleanup                      for when the daemon is gone for good

Configuration: ${path}
Exit codes: 0 good, 1 failed, 2 wrong usage or configuration`;

/** The original's command names, each with what it stands for. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  "gateway-status": ["status"],
  "gateway-devices": ["devices"],
  "gateway-status-direct": ["status", "--direct"],
  "gateway-devices-direct": ["devices", "--direct"],
  "gateway-port-forward": ["port-forward"],
  "gateway-diagnose": ["diagnose"],
};

/** What the name under which the program was started stands for; `invokedAs` is argv[1]. */
export function aliasArguments(invokedAs: string): readonly string[] {
  const name = (invokedAs.split("/").at(-1) ?? "").replace(/\.js$/, "");
  return Object.hasOwn(aliases, name) ? (aliases[name] ?? []) : [];
}

interface Outcome {
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
const complaint = (text: string): string =>
  `${cutMiddle(printable(text.trimEnd().replace(/\n(?=\(Did you mean [^\n]*\?\)$)/, " ")), 240)}\n`;

function buildProgram(commands: Commands, around: Surroundings, outcome: Outcome): Command {
  const program = new Command("gateway")
    .description("Gives every IPv4-only device behind it its own MAC, lease and address on the network.")
    .version(around.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .option("-c, --config <file>", `configuration, TOML or UCI (default: ${around.defaultConfigPath})`)
    .helpCommand("help [command]", "print help for a command")
    .addHelpText("after", examples(around.defaultConfigPath))
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

  program
    .command("run")
    .description("the daemon, in the foreground")
    .action(() => act(commands.run(place())));
  addViews(program, commands, place, act);
  addConfig(program, commands, place, act);
  addForwards(program, commands, place, act);
  addDiagnose(program, (options) => act(commands.diagnose(place(), options)));
  program
    .command("cleanup")
    .description("remove all that the gateway owns in the kernel")
    .action(() => act(commands.cleanup(place())));
  return program;
}

type Place = () => ConfigPlace;
type Act = (done: Done) => Promise<void>;

const direct = ["--direct", "from the state file and the kernel, without the API"] as const;
const json = ["--json", "print JSON"] as const;

function addViews(program: Command, commands: Commands, place: Place, act: Act): void {
  program
    .command("status")
    .description("how the gateway is")
    .option(...direct)
    .option(...json)
    .action((options: { json?: true }) =>
      act(commands.statusDirect(place(), { json: options.json === true })),
    );
  program
    .command("devices")
    .description("the devices and their addresses")
    .addArgument(
      new Argument("[status]", "only devices with this status").choices(["all", ...deviceStatuses]),
    )
    .option(...direct)
    .option(...json)
    .action((status: DeviceStatus | "all" | undefined, options: { json?: true }) =>
      act(
        commands.devicesDirect(place(), {
          json: options.json === true,
          status: status === "all" ? undefined : status,
        }),
      ),
    );
}

function addForwards(program: Command, commands: Commands, place: Place, act: Act): void {
  const forward = program
    .command("port-forward")
    .description("ports that lead to a device, besides the automatic ones");
  for (const verb of ["add", "remove"] as const) {
    forward
      .command(verb)
      .description(verb === "add" ? "lead a port to a port of a device" : "end that")
      .argument("<gateway-port>", "1 to 65535: of the gateway, and of the device's WAN addresses")
      .argument("<device-ip>", "the device's address on the LAN")
      .argument("<device-port>", "1 to 65535")
      .option("--udp", "UDP instead of TCP (IPv4 only)")
      .action((gatewayPort: string, address: string, port: string, { udp = false }: { udp?: boolean }) => {
        const args = { gatewayPort, address, port, udp };
        return act(
          verb === "add" ? commands.forwardAdd(place(), args) : commands.forwardRemove(place(), args),
        );
      });
  }
  forward
    .command("list")
    .description("all of them")
    .option(...json)
    .action((options: { json?: true }) =>
      act(commands.forwardList(place(), { json: options.json === true })),
    );
  forward
    .command("quick-device")
    .description("8080 to 80, 2323 to 23, 8443 to 443, 2222 to 22 of one device")
    .argument("<device-ip>", "the device's address on the LAN")
    .action((address: string) => act(commands.forwardQuick(place(), address)));
}

function addConfig(program: Command, commands: Commands, place: Place, act: Act): void {
  const config = program.command("config").description("check, show or describe the configuration");
  config
    .command("check")
    .description("validate, and name every problem")
    .action(() => act(commands.configCheck(place())));
  config
    .command("show")
    .description("print the effective configuration with an explanation of each key")
    .action(() => act(commands.configShow(place())));
  config
    .command("schema")
    .description("print the JSON Schema")
    .action(() => act(commands.configSchema()));
}
