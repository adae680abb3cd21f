/** A child process that is started again with back-off whenever it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { onLines } from "./lines.ts";
import { toolEnvironment } from "./run.ts";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** Having lived this long, a child counts as sound and the back-off starts anew. */
const SOUND_AFTER_MS = 30_000;
/** One that cannot do its work says so and ends before that. */
const SETTLED_AFTER_MS = 2_000;
const GRACE_MS = 2_000;

/** How long to wait before start number `failures + 1`, in milliseconds. */
export const backOff = (failures: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));

export interface RespawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly onLine: (line: string) => void;
  readonly onStart?: () => void;
  /** It has lived for a while. */
  readonly onSettled?: () => void;
  /** It ended by itself; `how` is for people. */
  readonly onExit?: (how: string, restartInMs: number) => void;
}

export class Respawn {
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopped = false;

  constructor(private readonly spec: RespawnSpec) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const startedAt = performance.now();
    // A group of its own: Ctrl-C on a terminal reaches the gateway alone, which then ends its children in order.
    const child = spawn(this.spec.command, this.spec.args, {
      detached: true,
      env: toolEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    onLines(child.stdout, this.spec.onLine);
    onLines(child.stderr, this.spec.onLine);
    child.once("spawn", () => this.spec.onStart?.());
    const settled = setTimeout(() => this.spec.onSettled?.(), SETTLED_AFTER_MS);
    let ended = false;
    const end = (how: string): void => {
      if (ended) return;
      ended = true;
      clearTimeout(settled);
      this.#ended(how, performance.now() - startedAt);
    };
    child.once("error", (error) => {
      if (child.pid === undefined) end(`cannot be started: ${error.message}`);
    });
    // Not "exit": its last lines, which say why, are still on their way then.
    child.once("close", (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
  }

  #ended(how: string, livedMs: number): void {
    this.#child = undefined;
    if (this.#stopped) return;
    this.#failures = livedMs >= SOUND_AFTER_MS ? 1 : this.#failures + 1;
    const delay = backOff(this.#failures);
    this.#timer = setTimeout(() => this.start(), delay);
    this.spec.onExit?.(how, delay);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Lets the child run on without us; it must not need anybody to read what it prints. */
  leave(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    child?.stdout?.destroy();
    child?.stderr?.destroy();
    child?.unref();
  }

  /** Ends the child and what it has started, by force after a grace period, and starts none again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const force = setTimeout(() => killGroup(child, "SIGKILL"), GRACE_MS);
    killGroup(child, "SIGTERM");
    await gone;
    clearTimeout(force);
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
