import { bundleProgram } from "../bundle.ts";
import type { Running } from "../exec.ts";
import { connect, Namespace } from "../netns.ts";
import { waitFor } from "../wait.ts";
import type {
  SimulatorCommand,
  SimulatorResults,
  SimulatorStats,
  StartCommand,
  TrafficCommand,
  TrafficResult,
} from "./protocol.ts";

/** Plays up to thousands of devices on one LAN port, in a process and a namespace (`sim`) of its own. */
export class Simulator {
  #nextId = 1;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  private constructor(
    readonly namespace: Namespace,
    private readonly running: Running,
  ) {}

  static async create(lan: Namespace, name = "sim"): Promise<Simulator> {
    const program = await bundleProgram("lab/simulator/main.ts", "lab-simulator.js");
    const namespace = await Namespace.create(name);
    await connect({ namespace, ifname: "eth0" }, { namespace: lan, ifname: name, bridge: "br0" });
    let ready = false;
    let deliver = (_answer: Answer): void => {};
    const running = namespace.start([process.execPath, program, "eth0"], {
      keepLines: 200,
      onLine: (line, from) => {
        if (from !== "stdout") return;
        const answer = JSON.parse(line) as Answer;
        if (answer.id === 0) ready = true;
        else deliver(answer);
      },
    });
    await waitFor("the simulator listens", () => ready, { explain: () => running.lines.join("\n") });
    const simulator = new Simulator(namespace, running);
    deliver = (answer) => simulator.#waiting.get(answer.id)?.(answer);
    return simulator;
  }

  /** Errors: the simulator's, or that its process ended. */
  async ask<C extends SimulatorCommand>(command: C): Promise<SimulatorResults[C["command"]]> {
    const id = this.#nextId++;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.running.write(`${JSON.stringify({ id, ...command })}\n`);
    const ended = this.running.exited.then(() => ({ id, error: this.running.lines.slice(-10).join("\n") }));
    const { result, error } = (await Promise.race([answer, ended])) as Answer;
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(`simulator: ${error}`);
    return result as SimulatorResults[C["command"]];
  }

  /** Resolves when the last device has sent its first frame. */
  start(options: Omit<StartCommand, "command">): Promise<SimulatorStats> {
    return this.ask({ command: "start", ...options });
  }

  traffic(options: Omit<TrafficCommand, "command">): Promise<TrafficResult> {
    return this.ask({ command: "traffic", ...options });
  }

  stats(): Promise<SimulatorStats> {
    return this.ask({ command: "stats" });
  }

  /** Waits until every device has its LAN address. */
  waitForAll(timeoutMs = 30_000): Promise<SimulatorStats> {
    return waitFor(
      "all simulated devices have an address",
      async () => {
        const stats = await this.stats();
        return stats.bound === stats.devices ? stats : undefined;
      },
      { timeoutMs, everyMs: 100, explain: async () => JSON.stringify(await this.stats()) },
    );
  }

  /** What its process printed last. */
  get output(): readonly string[] {
    return this.running.lines;
  }

  async stop(): Promise<void> {
    await this.running.stop("SIGKILL");
    await this.namespace.remove();
  }
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
