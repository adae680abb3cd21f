import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify, type TomlTable } from "smol-toml";
import { type Exit, type Running, type RunResult, start } from "./exec.ts";
import { type KernelState, readKernelState } from "./kernel-state.ts";
import type { Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { type WaitOptions, waitFor } from "./wait.ts";

export const gatewayBundle = projectFile("dist/gateway.js");

/** The gateway under test, as argv: the bundle, or a build that brings its runtime (`LAB_GATEWAY=/tmp/gateway/lib/gateway`). */
export const gatewayCommand: readonly string[] = process.env.LAB_GATEWAY
  ? [process.env.LAB_GATEWAY]
  : [process.execPath, gatewayBundle];

/** Sections of the gateway's configuration, merged over the lab's own. */
export type GatewayConfig = Readonly<Record<string, TomlTable>>;

/** For a look inside the bundle, as `LAB_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/profile"`. */
const nodeOptions = (process.env.LAB_GATEWAY ? "" : (process.env.LAB_NODE_OPTIONS ?? ""))
  .split(" ")
  .filter((option) => option !== "");

/** It starts within a second, but for a machine that has much else to do. */
const outputWithinMs = 30_000;

/** The host under test: namespace `gw`, eth1 towards the LAN, eth0 towards the WAN. */
export class GatewayHost {
  readonly configFile: string;
  readonly stateFile: string;
  readonly logFile: string;
  /** What every daemon run so far printed, runs one after the other. */
  readonly output: string[] = [];
  #daemon: Running | undefined;

  constructor(
    readonly namespace: Namespace,
    readonly directory: string,
    /** With prefix length, as `192.168.1.1/24`. */
    readonly lanAddress: string,
    /** The own MAC of eth0. */
    readonly wanMac: string,
  ) {
    this.configFile = join(directory, "gateway.toml");
    this.stateFile = join(directory, "state", "devices.json");
    this.logFile = join(directory, "gateway.log");
  }

  /** Writes the configuration: the lab's paths and interfaces, with `changes` over them, section by section. */
  async configure(changes: GatewayConfig = {}): Promise<void> {
    const own: Record<string, TomlTable> = {
      lan: { interface: "eth1", address: this.lanAddress },
      wan: { interface: "eth0" },
      api: { enabled: false },
      log: { file: this.logFile, level: "debug" },
      state: { directory: join(this.directory, "state"), runtime_directory: join(this.directory, "run") },
    };
    const sections = new Set([...Object.keys(own), ...Object.keys(changes)]);
    const merged = Object.fromEntries(
      [...sections].map((name) => [name, { ...own[name], ...changes[name] }]),
    );
    await mkdir(join(this.directory, "state"), { recursive: true });
    await mkdir(join(this.directory, "run"), { recursive: true });
    await writeFile(this.configFile, stringify(merged));
  }

  /** Starts the daemon; does not wait for anything. */
  start(): Running {
    if (this.#daemon?.running === true) throw new Error("the gateway runs already");
    const onLine = (line: string): void => void this.output.push(line);
    this.#daemon = start(this.#argv(["run", "--config", this.configFile]), { onLine });
    return this.#daemon;
  }

  #argv(args: readonly string[]): readonly string[] {
    const [program = "", ...rest] = gatewayCommand;
    return this.namespace.command([program, ...nodeOptions, ...rest, ...args]);
  }

  get running(): boolean {
    return this.#daemon?.running === true;
  }

  /** The daemon's process id, -1 when it does not run. */
  get pid(): number {
    return this.#daemon?.pid ?? -1;
  }

  /** Ends the daemon and resolves with how it ended; SIGKILL is a crash, SIGTERM an orderly stop. */
  async stop(signal: NodeJS.Signals = "SIGTERM", graceMs = 15_000): Promise<Exit | undefined> {
    const exit = await this.#daemon?.stop(signal, graceMs);
    this.#daemon = undefined;
    return exit;
  }

  /** Runs another subcommand, as `["devices", "--direct", "--json"]`; `--config` is added. */
  command(args: readonly string[]): Promise<RunResult> {
    return this.commandBy([], args);
  }

  /** The same by another program, as `["faketime", "1970-01-01", …]`. */
  commandBy(by: readonly string[], args: readonly string[]): Promise<RunResult> {
    const argv = [...by, ...gatewayCommand, ...args, "--config", this.configFile];
    return this.namespace.run(argv, { mayFail: true });
  }

  /** `gateway devices --direct --json`, parsed. */
  async devices(): Promise<readonly GatewayDevice[]> {
    const { code, stdout, stderr } = await this.command(["devices", "--direct", "--json"]);
    if (code !== 0) throw new Error(`gateway devices: exit code ${code}: ${stderr.trim()}`);
    return (JSON.parse(stdout) as { readonly devices: readonly GatewayDevice[] }).devices;
  }

  /** The state file, parsed; undefined when there is none. */
  async state(): Promise<unknown> {
    const text = await readFile(this.stateFile, "utf8").catch(() => undefined);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async removeState(): Promise<void> {
    await rm(join(this.directory, "state"), { recursive: true, force: true });
  }

  /** Waits until a line of output since `from` (an index into `output`) matches; resolves with the line. */
  waitForOutput(pattern: RegExp, options: WaitOptions & { readonly from?: number } = {}): Promise<string> {
    return this.waitFor(
      `the gateway prints ${pattern}`,
      () => this.output.slice(options.from ?? 0).find((line) => pattern.test(line)),
      { timeoutMs: outputWithinMs, ...options },
    );
  }

  /** Waits like `waitFor`, and shows the gateway's last lines when time runs out. */
  waitFor<T>(what: string, probe: () => T | Promise<T>, options: WaitOptions = {}) {
    return waitFor(what, probe, { explain: () => this.output.slice(-25).join("\n"), ...options });
  }

  kernelState(): Promise<KernelState> {
    return readKernelState(this.namespace);
  }

  async log(): Promise<string> {
    return readFile(this.logFile, "utf8").catch(() => "");
  }
}

/** A device as the contract has it; null or absent is "none". */
export interface GatewayDevice {
  readonly mac_address: string;
  readonly ipv4_address?: string | null;
  readonly ipv4_wan_address?: string | null;
  readonly ipv6_address?: string | null;
  readonly status: "pending" | "discovering" | "active" | "inactive" | "failed";
  readonly hostname?: string | null;
  readonly reason?: string | null;
}
