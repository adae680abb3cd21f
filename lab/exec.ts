import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { sleep } from "./wait.ts";

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ends it with SIGKILL after this many milliseconds; 30 s unless told. */
  readonly timeoutMs?: number;
  /** Resolve also when the exit code is not 0. */
  readonly mayFail?: boolean;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = (env: Readonly<Record<string, string>> | undefined): NodeJS.ProcessEnv => ({
  ...process.env,
  ...env,
});

/** Runs a program to its end. Errors: the exit code is not 0 (unless `mayFail`), or it cannot be started. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, { env: environment(options.env), cwd: options.cwd });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 30_000);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? -1));
  }).finally(() => clearTimeout(timer));
  const result = { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
  if (code !== 0 && options.mayFail !== true) {
    throw new Error(`${argv.join(" ")}: exit code ${code}: ${(result.stderr || result.stdout).trim()}`);
  }
  return result;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onLine?: (line: string, from: "stdout" | "stderr") => void;
  /** Keep the last so many lines of output; 20,000 unless told. */
  readonly keepLines?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs beside the test; its output is kept line by line. */
export class Running {
  readonly lines: string[] = [];
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  readonly #child: ChildProcess;

  constructor(
    readonly argv: readonly string[],
    options: StartOptions = {},
  ) {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, {
      env: environment(options.env),
      cwd: options.cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    this.#collect("stdout", options);
    this.#collect("stderr", options);
    child.stdin?.on("error", () => {});
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.exit = exit;
        resolve(exit);
      };
      child.once("error", (error) => {
        this.lines.push(`cannot start: ${error.message}`);
        end({ code: 127, signal: null });
      });
      child.once("close", (code, signal) => end({ code, signal }));
    });
  }

  #collect(from: "stdout" | "stderr", options: StartOptions): void {
    const stream = this.#child[from];
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      this.lines.push(line);
      if (this.lines.length > (options.keepLines ?? 20_000)) this.lines.shift();
      options.onLine?.(line, from);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.exit === undefined;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Ends it with `signal`, and with SIGKILL when it is still there after the grace period. */
  async stop(signal: NodeJS.Signals = "SIGTERM", graceMs = 5_000): Promise<Exit> {
    this.kill(signal);
    const last = await Promise.race([this.exited, sleep(graceMs)]);
    if (last !== undefined) return last;
    this.kill("SIGKILL");
    return this.exited;
  }
}

export const start = (argv: readonly string[], options: StartOptions = {}): Running =>
  new Running(argv, options);
