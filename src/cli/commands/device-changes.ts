/** Commands that ask something of a device. */
import type { Mac } from "../../base/mac.ts";
import type { ConfigPlace } from "../config-place.ts";
import { explain } from "../help.ts";
import { type Adding, type Done, jsonOption, macArgument, type Told, told } from "./common.ts";

export interface DeviceChanges {
  retry(place: ConfigPlace, mac: Mac, options: Told): Done;
  forget(place: ConfigPlace, mac: Mac, options: Told): Done;
}

export function addDeviceChanges({ program, place, act }: Adding, commands: DeviceChanges): void {
  explain(
    program.command("retry"),
    "ask the network's servers for a device anew",
    "For a MAC that has just been registered; without it the gateway tries again by itself, more seldom.",
    ["gateway retry 00:00:5e:00:53:04", ""],
  )
    .addArgument(macArgument())
    .option(...jsonOption)
    .action((mac: Mac, options: { json?: true }) => act(commands.retry(place(), mac, told(options))));
  explain(
    program.command("forget"),
    "give a device's leases back and remove all of it",
    "A device that is still on the LAN comes back with its next frame; discovery.deny keeps it away.",
    ["gateway forget 00:00:5e:00:53:04", ""],
  )
    .addArgument(macArgument())
    .option(...jsonOption)
    .action((mac: Mac, options: { json?: true }) => act(commands.forget(place(), mac, told(options))));
}
