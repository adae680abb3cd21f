/** A machine with Jool's SIIT in memory: ports/Processes below the code that runs it. It answers as jool_siit 4.1 and iproute2 do. */
import type { Outcome } from "../../src/ports/processes.ts";
import { FakeProcesses } from "./memory-files.ts";

const ok = (output = ""): Outcome => ({ code: 0, output });
const failed = (output: string, code = 1): Outcome => ({ code, output });

export class JoolHost extends FakeProcesses {
  installed = new Set(["jool_siit", "tayga"]);
  /** The kernel module can be loaded. */
  module = true;
  /** The cable of the gateway is there, its other end in no namespace. */
  cable = true;
  namespaces = new Set<string>();
  peerInside = false;
  /** The name is there, and the namespace behind it is not. */
  stale = false;
  /** Inside the namespace. */
  instance: { readonly name: string; readonly pool6: string; eams: [ip4: string, ip6: string][] } | undefined;
  /** What changed something of Jool, as typed. */
  readonly typed: string[] = [];
  looks = 0;

  override async has(command = ""): Promise<boolean> {
    return this.installed.has(command);
  }

  override async run(command = "", args: readonly string[] = []): Promise<Outcome> {
    if (command === "jool_siit") return this.#jool(args, false);
    if (command === "modprobe") return this.module ? ok() : failed("");
    if (command !== "ip") return failed(`${command}: not found`, 127);
    const text = args.join(" ");
    if (text.startsWith("netns exec xlat464 ")) {
      if (!this.namespaces.has("xlat464") || this.stale)
        return failed('Cannot open network namespace "xlat464"');
      return args[3] === "jool_siit" ? this.#jool(args.slice(4), true) : ok();
    }
    return this.#ip(text);
  }

  #ip(text: string): Outcome {
    if (text === "netns list") return ok([...this.namespaces].map((name) => `${name} (id: 0)\n`).join(""));
    if (text === "netns add xlat464") this.namespaces.add("xlat464");
    else if (text === "netns delete xlat464") {
      this.namespaces.delete("xlat464");
      this.stale = false;
      this.peerInside = false;
      this.instance = undefined;
    } else if (text === "link set dev xlat464p netns xlat464") {
      if (!this.cable) return failed('Cannot find device "xlat464p"');
      this.peerInside = true;
    } else if (text === "link delete dev xlat464") this.peerInside = this.cable = false;
    else if (text.includes("xlat464p") && (!this.peerInside || this.stale))
      return failed("Device does not exist");
    return ok();
  }

  #jool(args: readonly string[], inside: boolean): Outcome {
    if (!this.module)
      return failed(
        "Error: Jool's socket family doesn't seem to exist.\n(This probably means Jool hasn't been modprobed.)\n",
      );
    const given = args[0] === "--instance" ? args[1] : undefined;
    const [mode = "", verb = "", ...rest] = given ? args.slice(2) : args;
    if (verb === "display") this.looks++;
    else this.typed.push([mode, verb, ...rest].join(" "));
    if (mode === "instance") return this.#instance(verb, rest, inside);
    if (!inside || given === undefined || this.instance?.name !== given)
      return failed(`Error: This namespace lacks an instance named '${given}'.`);
    if (mode === "global") return ok(`manually-enabled,true\npool6,${this.instance.pool6}\n`);
    const [ip4 = "", ip6 = ""] = rest;
    const { eams } = this.instance;
    if (verb === "display") return ok(eams.map(([four, six]) => `${six},${four}\n`).join(""));
    if (verb === "add") eams.push([ip4, ip6]);
    else this.instance.eams = eams.filter(([four, six]) => four !== ip4 || six !== ip6);
    return ok();
  }

  #instance(verb: string, rest: readonly string[], inside: boolean): Outcome {
    const [name = "", framework, , pool6 = ""] = rest;
    if (verb === "display") return ok(this.instance ? `ffff,${this.instance.name},netfilter\n` : "");
    if (!inside) throw new Error("an instance outside of its namespace");
    if (verb === "remove") {
      if (this.instance?.name !== name) return failed("Error: The requested instance does not exist.");
      this.instance = undefined;
      return ok();
    }
    if (this.instance) return failed("Error: This namespace already has a Jool instance named so.");
    if (framework !== "--netfilter") return failed("Error: unknown framework");
    this.instance = { name, pool6, eams: [] };
    return ok();
  }
}
