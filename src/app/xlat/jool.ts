/**
 * Jool's SIIT, a kernel module, in a network namespace of its own at the other end of a cable: what it translates it sends past connection tracking, which in our namespace the identity's
 * own address depends on (ADR 28). It runs without us: a later run takes over what it finds.
 */
import { messageOf } from "../../base/errors.ts";
import { seconds } from "../../base/time.ts";
import { type JoolPlan, parseEams, parsePool6, planJool } from "../../plan/jool.ts";
import { translatorName, translatorPeer } from "../../plan/marks.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Outcome, Processes } from "../../ports/processes.ts";
import type { Translated, Translator, TranslatorSettings } from "./translator.ts";

export interface JoolParts {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly log: Log;
  readonly runtimeDirectory: string;
  /** What is wrong with it, in a sentence; undefined: nothing. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

/** Of the namespace, as `ip netns` has it, and of the instance in it. */
const namespace = translatorName;
const instance = "gateway";
/** What Jool complains under of its own; kept for that on both sides of a translator (RFC 7335). */
const ownIp4 = "192.0.0.2/32";
/** A module that somebody unloads or changes says nothing of it. */
const lookEvery = seconds(5);

const inside = (...argv: readonly string[]): readonly string[] => ["netns", "exec", namespace, ...argv];
const ofInstance = (...argv: readonly string[]): readonly string[] =>
  inside("jool_siit", "--instance", instance, ...argv);

export class Jool implements Translator {
  readonly name = "jool";
  readonly medium = "veth";
  readonly #parts: JoolParts;
  /** What it is to do; undefined: nothing. */
  #wanted: { readonly plan: JoolPlan; readonly mtu: number } | undefined;
  #timer: Cancel | undefined;
  /** One task after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: JoolParts) {
    this.#parts = parts;
  }

  async missing(what: Translated): Promise<string | undefined> {
    const { processes } = this.#parts;
    if (what === "clients")
      return "Jool has no addresses that IPv6 clients could stand under; with tayga they can (xlat464.engine)";
    if (!(await processes.has("jool_siit")))
      return "the program jool_siit is not installed (package jool-tools, with the kernel module jool_siit)";
    await this.#run("modprobe", ["-q", "jool_siit"]).catch(() => undefined);
    const { code, output } = await this.#run("jool_siit", ["instance", "display", "--csv", "--no-headers"]);
    if (code === 0) return undefined;
    return `the kernel module jool_siit cannot be used (${firstLine(output)})`;
  }

  run({ lan, nat64 }: TranslatorSettings, mtu: number): Promise<void> {
    if (!nat64) return this.stop();
    const wanted = { plan: planJool(lan, nat64), mtu };
    if (JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return this.#turn;
    this.#wanted = wanted;
    return this.#next(() => this.#look());
  }

  stop(): Promise<void> {
    this.#wanted = undefined;
    this.#timer?.();
    return this.#next(async () => {
      await removeJool(this.#parts.processes, this.#parts.runtimeDirectory);
      this.#parts.onTrouble(undefined);
    });
  }

  async leave(): Promise<void> {
    this.#wanted = undefined;
    this.#timer?.();
    await this.#turn;
  }

  #next(task: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(task).catch((thrown: unknown) => {
      this.#parts.onTrouble(`Jool, which translates for the devices, cannot run: ${messageOf(thrown)}.`);
    });
    return this.#turn;
  }

  /** Makes what is missing, and looks again in time, whatever came of it. */
  async #look(): Promise<void> {
    this.#timer?.();
    const wanted = this.#wanted;
    if (!wanted) return;
    this.#timer = this.#parts.clock.after(lookEvery, () => void this.#next(() => this.#look()));
    await this.#place(wanted.mtu);
    await this.#instance(wanted.plan);
    this.#parts.onTrouble(undefined);
  }

  /** The namespace, with the cable's other end in it. Each line may be carried out again. */
  async #place(mtu: number): Promise<void> {
    const link = ["-n", namespace, "link"];
    if ((await this.#run("ip", [...link, "show", "dev", translatorPeer])).code !== 0) await this.#plug();
    const settings = ["net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0"];
    await this.#must("ip", inside("sysctl", "-q", "-w", ...settings, "net.ipv6.conf.all.forwarding=1"));
    await this.#must("ip", [...link, "set", "dev", "lo", "up"]);
    await this.#must("ip", ["-n", namespace, "address", "replace", ownIp4, "dev", "lo"]);
    await this.#must("ip", [...link, "set", "dev", translatorPeer, "arp", "off", "mtu", String(mtu), "up"]);
    for (const family of ["-4", "-6"])
      await this.#must("ip", ["-n", namespace, family, "route", "replace", "default", "dev", translatorPeer]);
  }

  /**
   * Puts the cable's other end into the namespace. A name of which the namespace is gone is left where another mount namespace had it; a cable that ends in one that is out of reach is
   * made anew by the plan.
   */
  async #plug(): Promise<void> {
    const { processes, runtimeDirectory } = this.#parts;
    if (await hasNamespace(processes, runtimeDirectory)) {
      if ((await this.#run("ip", inside("true"))).code !== 0)
        await this.#must("ip", ["netns", "delete", namespace]);
    }
    if (!(await hasNamespace(processes, runtimeDirectory)))
      await this.#must("ip", ["netns", "add", namespace]);
    const moved = await this.#run("ip", ["link", "set", "dev", translatorPeer, "netns", namespace]);
    if (moved.code === 0) return;
    await this.#run("ip", ["link", "delete", "dev", translatorName]);
    throw new Error("the cable to its network namespace is lost, and is made anew");
  }

  /** What is there and right stays, so that a new run disturbs nothing. */
  async #instance({ pool6, eams }: JoolPlan): Promise<void> {
    const display = ["display", "--csv", "--no-headers"];
    const globals = await this.#run("ip", ofInstance("global", ...display));
    if (globals.code !== 0 || parsePool6(globals.output) !== pool6) {
      if (globals.code === 0) await this.#must("ip", inside("jool_siit", "instance", "remove", instance));
      const how = ["--netfilter", "--pool6", pool6];
      await this.#must("ip", inside("jool_siit", "instance", "add", instance, ...how));
      this.#parts.log.info("464XLAT: Jool runs", { pool6 });
    }
    const there = parseEams((await this.#must("ip", ofInstance("eamt", ...display))).output);
    const text = ({ ip4, ip6 }: { readonly ip4: string; readonly ip6: string }): string => `${ip4} ${ip6}`;
    const [has, wants] = [new Set(there.map(text)), new Set(eams.map(text))];
    for (const eam of there.filter((e) => !wants.has(text(e))))
      await this.#must("ip", ofInstance("eamt", "remove", eam.ip4, eam.ip6));
    for (const eam of eams.filter((e) => !has.has(text(e))))
      await this.#must("ip", ofInstance("eamt", "add", eam.ip4, eam.ip6));
  }

  #run(command: string, args: readonly string[]): Promise<Outcome> {
    return this.#parts.processes.run(command, args, this.#parts.runtimeDirectory);
  }

  /** Errors: what the program says, in its first line. */
  async #must(command: string, args: readonly string[]): Promise<Outcome> {
    const outcome = await this.#run(command, args);
    if (outcome.code === 0) return outcome;
    throw new Error(`"${command} ${args.join(" ")}" says: ${firstLine(outcome.output)}`);
  }
}

const firstLine = (output: string): string => output.trim().split("\n")[0]?.replace(/\.$/, "") || "nothing";

async function hasNamespace(processes: Processes, directory: string): Promise<boolean> {
  const { output } = await processes.run("ip", ["netns", "list"], directory);
  return output.split("\n").some((line) => line.split(" ")[0] === namespace);
}

/** Ends the instance, and with its namespace the cable; nothing where there is none. Errors: what `ip` cannot remove. */
export async function removeJool(processes: Processes, directory: string): Promise<boolean> {
  if (!(await hasNamespace(processes, directory))) return false;
  await processes.run("ip", inside("jool_siit", "instance", "remove", instance), directory);
  // The kernel clears a namespace some time after its name is gone, and the cable with it.
  await processes.run("ip", ["link", "delete", "dev", translatorName], directory);
  const { code, output } = await processes.run("ip", ["netns", "delete", namespace], directory);
  if (code !== 0)
    throw new Error(`the network namespace ${namespace} cannot be removed: ${firstLine(output)}`);
  return true;
}
