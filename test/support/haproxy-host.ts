/** A machine with HAProxy in memory: ports/Processes and ports/RuntimeSockets below the code that runs it. */
import { GatewayError } from "../../src/base/errors.ts";
import type { Listener, Outcome, Processes, Supervised } from "../../src/ports/processes.ts";
import type { RuntimeSockets } from "../../src/ports/runtime-socket.ts";
import { HaproxyModel } from "./haproxy-model.ts";
import type { MemoryFiles } from "./memory-files.ts";

const directory = "/run/gw";

export class HaproxyHost implements Processes, RuntimeSockets {
  /** The worker that serves; undefined while none runs. */
  worker: HaproxyModel | undefined;
  master: number | undefined;
  installed = true;
  /** What `haproxy -c` says against the configuration, if anything. */
  refuses: string | undefined;
  /** What the start itself says, if anything. */
  failsToStart: string | undefined;
  silent = false;
  masterSilent = false;
  /** As if its processes were another gateway's. */
  strange = false;
  others: Listener[] = [];
  readonly starts: string[][] = [];
  reloads = 0;
  #nextPid = 100;
  readonly #watchers = new Map<number, () => void>();

  constructor(private readonly files: MemoryFiles) {}

  async run(command: string, args: readonly string[]): Promise<Outcome> {
    if (!this.installed)
      throw new GatewayError("tool-missing", "operator", `the program ${command} is not installed`);
    const failure = args[0] === "-c" ? this.refuses : this.failsToStart;
    if (failure !== undefined)
      return { code: 1, output: `[NOTICE]   (7) : x\n[ALERT]    (7) : ${failure}\n` };
    if (args[0] === "-c") {
      if (!this.files.texts.has(args[2] ?? "")) throw new Error(`no such file: ${args[2]}`);
      return { code: 0, output: "Configuration file is valid\n" };
    }
    this.starts.push([...args]);
    this.#watchers.clear();
    this.master = this.#nextPid++;
    this.masterSilent = false;
    this.strange = false;
    this.#load();
    return { code: 0, output: "" };
  }

  /** A worker that has read the files as they are now. */
  #load(): void {
    const text = (name: string): string => this.files.texts.get(`${directory}/${name}`) ?? "";
    const model = new HaproxyModel();
    const config = text("haproxy.cfg");
    model.pid = this.#nextPid++;
    model.description = /description (\S+)/.exec(config)?.[1] ?? "";
    for (const [, name = "", address = "", check] of config.matchAll(
      / {2}server (\S+) (\S+) check port (\d+)/g,
    ))
      model.servers.set(name, { address, check: Number(check), ready: true, checked: true, sessions: 0 });
    for (const [name, map] of model.maps)
      for (const line of text(name).split("\n").filter(Boolean)) {
        const [key = "", value = ""] = line.split(" ");
        map.set(key, value);
      }
    this.worker = model;
  }

  async ask(path: string, line: string): Promise<string> {
    if (!this.worker || this.silent)
      throw new GatewayError("socket-closed", "kernel", `nobody listens on ${path}`);
    if (path === `${directory}/haproxy.sock`) return this.worker.line(line);
    if (this.masterSilent) throw new GatewayError("socket-closed", "kernel", `nobody listens on ${path}`);
    if (line === "show proc") return `#<PID> <type>\n${this.master}   master   0\n`;
    if (line !== "reload") throw new Error(`a master does not know: ${line}`);
    this.reloads++;
    this.#load();
    return "";
  }

  /** Ends all its processes, as SIGKILL does. */
  kill(): void {
    const gone = this.master === undefined ? undefined : this.#watchers.get(this.master);
    this.worker = undefined;
    this.master = undefined;
    gone?.();
  }

  processorOf(): number | undefined {
    return undefined;
  }
  watch(pid: number, onGone: () => void): () => void {
    this.#watchers.set(pid, onGone);
    return () => this.#watchers.delete(pid);
  }
  async listeners(ports: ReadonlySet<number>): Promise<readonly Listener[]> {
    return this.others.filter(({ port }) => ports.has(port));
  }
  async find(): Promise<readonly number[]> {
    return this.master === undefined || this.strange ? [] : [this.master, this.worker?.pid ?? 0];
  }
  async end(): Promise<void> {
    this.kill();
  }
  async has(): Promise<boolean> {
    return this.installed;
  }
  async supervise(): Promise<Supervised> {
    throw new Error("HAProxy is not a child");
  }
}
