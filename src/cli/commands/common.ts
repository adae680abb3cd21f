/** What the groups of commands share. */
import { Argument, type Command, InvalidArgumentError } from "commander";
import { type Mac, parseMac } from "../../base/mac.ts";
import type { ConfigPlace } from "../config-place.ts";

/** 0 good, 1 failed, 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** How a command ended; a GatewayError it rejects with is told to the user. */
export type Done = Promise<ExitCode>;

/** Where a group of commands is added, and how it comes to what the user named. */
export interface Adding {
  readonly program: Command;
  readonly place: () => ConfigPlace;
  readonly act: (done: Done) => Promise<void>;
}

export const jsonOption = ["--json", "print JSON, as `gateway schema` describes it"] as const;
/** What a command that changes something is told of its output. */
export interface Told {
  readonly json: boolean;
}

/** As commander has it: absent where it is not given. */
export const told = ({ json }: { readonly json?: true }): Told => ({ json: json === true });

export const directOption = ["--direct", "from the state file and the kernel, without the API"] as const;
export const watchOption = ["-w, --watch", "stay, and show what changes (Ctrl-C ends)"] as const;

export const macArgument = (): Argument =>
  new Argument("<mac>", "the device, as 00:00:5e:00:53:01").argParser(macOf);

/** Whichever way people write it. */
function macOf(text: string): Mac {
  const parsed = parseMac(text.toLowerCase().replaceAll("-", ":"));
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError("A MAC is written as 00:00:5e:00:53:01.");
}
