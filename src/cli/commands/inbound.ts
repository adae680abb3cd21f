/** The commands about devices that are open as a whole. */
import { Option } from "commander";
import type { ConfigPlace } from "../config-place.ts";
import { explain } from "../help.ts";
import type { InboundArguments } from "../ipv6-forward.ts";
import { type Adding, type Done, jsonOption, type Told, told } from "./common.ts";

export interface InboundCommands {
  inboundEnable(config: ConfigPlace, args: InboundArguments, options: Told): Done;
  inboundDisable(config: ConfigPlace, address: string, options: Told): Done;
  inboundStatus(config: ConfigPlace, options: Told): Done;
}

const deviceIp = ["<device-ip>", "the device's address on the LAN"] as const;

export function addInbound({ program, place, act }: Adding, commands: InboundCommands): void {
  const inbound = explain(
    program.command("ipv6-forward"),
    "devices that are open as a whole: every port, UDP and ping",
    "At the device's own WAN addresses, IPv6 (by a translator, package tayga) and IPv4. Kept over restarts.",
    ["gateway ipv6-forward status", "who is open, and to whom"],
    ["gateway ipv6-forward enable 192.168.1.100", "everything leads to the device"],
    ["gateway ipv6-forward disable 192.168.1.100", "only listed ports do"],
  );
  explain(
    inbound.command("enable"),
    "open a device as a whole",
    "Said again, it takes the place of what was said before of this device. Where --from names networks of one family alone, the other one stays closed.",
    ["gateway ipv6-forward enable 192.168.1.100", "to everybody"],
    ["gateway ipv6-forward enable 192.168.1.100 --from 2001:db8::/32", "to this network alone"],
  )
    .argument(...deviceIp)
    .addOption(
      new Option("--from <network>", "who may, of either family (again for more)")
        .default([], "everybody")
        .argParser((text, all: string[]) => [...all, text]),
    )
    .option(...jsonOption)
    .action((address: string, options: { from: string[]; json?: true }) =>
      act(commands.inboundEnable(place(), { address, from: options.from }, told(options))),
    );
  explain(inbound.command("disable"), "close it again", "Listed ports and forwards stay.", [
    "gateway ipv6-forward disable 192.168.1.100",
    "what is open by IPv6 ends at once",
  ])
    .argument(...deviceIp)
    .option(...jsonOption)
    .action((address: string, options: { json?: true }) =>
      act(commands.inboundDisable(place(), address, told(options))),
    );
  explain(
    inbound.command("status"),
    "who is open, and to whom",
    "",
    ["gateway ipv6-forward status", "as a table"],
    ["gateway ipv6-forward status --json", "for scripts"],
  )
    .option(...jsonOption)
    .action((options: { json?: true }) => act(commands.inboundStatus(place(), told(options))));
}
