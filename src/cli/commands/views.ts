/** Commands that show: status, devices, device, events, plan, export. */
import { Argument, InvalidArgumentError, Option } from "commander";
import type { Mac } from "../../base/mac.ts";
import { type DeviceStatus, deviceStatuses } from "../../config/device-status.ts";
import type { ConfigPlace } from "../config-place.ts";
import { explain } from "../help.ts";
import { type Adding, type Done, directOption, jsonOption, macArgument, watchOption } from "./common.ts";

export interface ViewOptions {
  readonly json: boolean;
  readonly direct: boolean;
  readonly watch: boolean;
}

export interface DevicesOptions extends ViewOptions {
  readonly status: DeviceStatus | undefined;
}

export interface EventsOptions {
  readonly follow: boolean;
  readonly json: boolean;
  /** So many of the past. */
  readonly lines: number;
}

export const exportFormats = ["csv", "json"] as const;

export interface ExportOptions {
  readonly format: (typeof exportFormats)[number];
  readonly direct: boolean;
  readonly status: DeviceStatus | undefined;
}

export interface ViewCommands {
  status(place: ConfigPlace, options: ViewOptions): Done;
  devices(place: ConfigPlace, options: DevicesOptions): Done;
  device(place: ConfigPlace, mac: Mac, options: { readonly json: boolean }): Done;
  events(place: ConfigPlace, options: EventsOptions): Done;
  plan(place: ConfigPlace, options: { readonly json: boolean }): Done;
  export(place: ConfigPlace, options: ExportOptions): Done;
}

interface Flags {
  readonly json?: boolean;
  readonly direct?: boolean;
  readonly watch?: boolean;
}

const viewOptions = ({ json = false, direct = false, watch = false }: Flags): ViewOptions => ({
  json,
  direct,
  watch,
});

const statusChoices = ["all", ...deviceStatuses];
type StatusChoice = DeviceStatus | "all" | undefined;
const chosen = (status: StatusChoice): DeviceStatus | undefined => (status === "all" ? undefined : status);

export function addViews({ program, place, act }: Adding, commands: ViewCommands): void {
  explain(
    program.command("status"),
    "how the gateway is",
    "Asks the running gateway. With --direct it needs neither daemon nor network: it reads the state file and the kernel.",
    ["gateway status", "is it well, and what is wrong"],
    ["gateway status --direct", "when the daemon does not answer"],
    ["gateway status --json", "for scripts"],
  )
    .option(...directOption)
    .option(...jsonOption)
    .option(...watchOption)
    .action((flags: Flags) => act(commands.status(place(), viewOptions(flags))));

  explain(
    program.command("devices"),
    "the devices and their addresses",
    "One line a device; beneath it why it is not active, and its IPv6 addresses on the WAN.",
    ["gateway devices", "all of them"],
    ["gateway devices failed", "only those that failed, and why"],
    ["gateway devices --watch", "stay, and show what changes"],
    ["gateway devices --direct", "when the daemon does not answer"],
  )
    .addArgument(new Argument("[status]", "only devices with this status").choices(statusChoices))
    .option(...directOption)
    .option(...jsonOption)
    .option(...watchOption)
    .action((status: StatusChoice, flags: Flags) =>
      act(commands.devices(place(), { ...viewOptions(flags), status: chosen(status) })),
    );

  explain(
    program.command("device"),
    "one device: leases, counters, forwards, and what happened to it",
    "",
    ["gateway device 00:00:5e:00:53:01", "why is it not active?"],
    ["gateway device 00-00-5E-00-53-01 --json", "the same for scripts"],
  )
    .addArgument(macArgument())
    .option(...jsonOption)
    .action((mac: Mac, { json = false }: Flags) => act(commands.device(place(), mac, { json })));

  addEvents({ program, place, act }, commands);
  addExport({ program, place, act }, commands);

  explain(
    program.command("plan"),
    "what the gateway would change in the kernel now; changes nothing",
    "The running gateway reads the kernel afresh and compares it with what it wants. It mends differences by itself, usually within a second.",
    ["gateway plan", "the changes, grouped"],
    ["gateway plan --json", "for scripts"],
  )
    .option(...jsonOption)
    .action(({ json = false }: Flags) => act(commands.plan(place(), { json })));
}

function addEvents({ program, place, act }: Adding, commands: ViewCommands): void {
  explain(
    program.command("events"),
    "what happened to the devices, a line each",
    "The running gateway keeps the last 50 of each device. Times are this machine's.",
    ["gateway events", "the last 100"],
    ["gateway events --follow", "those to come as well (Ctrl-C ends)"],
    ["gateway events -n 0 -f --json", "one JSON object a line, from now on"],
  )
    .option("-f, --follow", "stay, and print what happens")
    .option("-n, --lines <count>", "so many of the past, 0 to 1000", countOf, 100)
    .option(...jsonOption)
    .action(({ follow = false, json = false, lines }: Flags & { follow?: boolean; lines: number }) =>
      act(commands.events(place(), { follow, json, lines })),
    );
}

function countOf(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= 1000) return count;
  throw new InvalidArgumentError("A number from 0 to 1000 is allowed.");
}

function addExport({ program, place, act }: Adding, commands: ViewCommands): void {
  explain(
    program.command("export"),
    "MACs with host names and makers, to register them",
    "For whoever keeps the list of MACs that the network lets in. Makers come from a list of IEEE's prefixes that is installed with it, or from ieee-data or nmap, where one of them is installed.",
    ["gateway export --format csv >macs.csv", "all devices, for a spreadsheet"],
    ["gateway export --status failed", "those that are probably not registered"],
    ["gateway export --format json --direct", "without the daemon"],
  )
    .addOption(new Option("--format <format>", "how it is written").choices(exportFormats).default("csv"))
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .addOption(new Option("--status <status>", "only devices with this status").choices(statusChoices))
    .option(...directOption)
    .action(({ format, json = false, direct = false, status }: Flags & ExportFlags) =>
      act(commands.export(place(), { format: json ? "json" : format, direct, status: chosen(status) })),
    );
}

interface ExportFlags {
  readonly format: ExportOptions["format"];
  readonly status?: StatusChoice;
}
