/** One `ip -force -batch -` that answers batch after batch. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { GatewayError } from "../../base/errors.ts";
import type { LineFailure } from "../../ports/kernel.ts";
import { startError, toolEnvironment } from "../run.ts";
import { parseBatchErrors } from "./batch-errors.ts";
import type { OwnWriters } from "./own-writers.ts";

/** A batch that takes longer is given up, and the program with it. */
const PATIENCE_MS = 30_000;

/** An unknown word closes the errors. */
const endOfErrors = "end-of-batch";
/**
 * The loopback interface closes the output. Of one family it is asked for what costs least: in a batch, `address show dev` and `neighbour show dev` have the kernel tell
 * of all interfaces. Of both families that is all there is. Not `link show`: after it, `address show` shows links only.
 */
const endOfOutput = { ofFamily: "netconf show dev lo", ofBoth: "address show dev lo" };

export interface IpAnswers {
  /** What the lines printed, as JSON, one line each; a line that failed, or had nothing to tell, printed none. */
  readonly printed: readonly string[];
  readonly failures: readonly LineFailure[];
  /** What was printed may lack things: the kernel's tables changed while they were read. */
  readonly inconsistent: boolean;
}

/** A batch under way. */
interface Batch {
  readonly lines: number;
  readonly resolve: (answers: IpAnswers) => void;
  readonly reject: (error: GatewayError) => void;
  readonly patience: NodeJS.Timeout;
}

export class IpProcess {
  /** Lines that follow each batch. */
  readonly #marks: readonly string[];
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Lines that it was given so far. */
  #given = 0;
  #output = "";
  #errors = "";
  #batch: Batch | undefined;
  #ended = false;

  /** @param writers where it is known, if it changes something; then its lines may print nothing */
  constructor(options: readonly string[], writers?: OwnWriters) {
    const ofFamily = options.some((o) => o === "-4" || o === "-6");
    this.#marks = [
      ...(writers === undefined ? [ofFamily ? endOfOutput.ofFamily : endOfOutput.ofBoth] : []),
      endOfErrors,
    ];
    // A group of its own: Ctrl-C on a terminal reaches the gateway alone.
    const child = spawn("ip", [...options, "-json", "-force", "-batch", "-"], {
      detached: true,
      env: toolEnvironment(),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) {
      writers?.began(pid);
      child.once("exit", () => writers?.ended(pid));
    }
    // Its end says more than a broken pipe does.
    child.stdin.on("error", () => {});
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#look();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
      this.#look();
    });
    child.once("error", (error) => this.#fail(startError("ip", error)));
    child.once("close", (code, signal) => {
      const last = this.#errors.trim().split("\n").at(-1) || `ended by ${signal ?? `exit code ${code}`}`;
      this.#fail(new GatewayError("ip-failed", "kernel", `ip -batch: ${last}`));
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** One batch at a time. Errors: GatewayError "ip-failed", "tool-missing", "tool-failed". */
  ask(lines: readonly string[]): Promise<IpAnswers> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => this.#giveUp(), PATIENCE_MS);
      this.#batch = { lines: lines.length, resolve, reject, patience };
      this.#output = "";
      this.#errors = "";
      this.#hold(true);
      this.#child.stdin.write([...lines, ...this.#marks, ""].join("\n"));
    });
  }

  end(): void {
    this.#ended = true;
    this.#child.stdin.end();
  }

  #look(): void {
    if (!this.#batch) return;
    const { lines, resolve } = this.#batch;
    const last = this.#given + lines + this.#marks.length;
    if (!this.#errors.endsWith(`:${last}\n`)) return;
    const printed = this.#marks.length > 1 ? this.#printed() : [];
    if (!printed) return;
    const failures = parseBatchErrors(this.#errors, this.#given).filter(({ line }) => line < lines);
    const inconsistent = this.#errors.includes("Dump was interrupted");
    this.#given = last;
    this.#settle();
    resolve({ printed, failures, inconsistent });
  }

  /** Undefined: there is more to come. */
  #printed(): readonly string[] | undefined {
    if (!this.#output.endsWith("\n")) return undefined;
    const lines = this.#output.slice(0, -1).split("\n");
    const isWhole = /^inet6? lo |"ifname":"lo"/.test(lines.pop() ?? "");
    return isWhole ? lines.filter((line) => line !== "" && line !== "[]") : undefined;
  }

  #giveUp(): void {
    this.#child.kill("SIGKILL");
    this.#fail(
      new GatewayError("ip-failed", "kernel", `ip -batch: no answer within ${PATIENCE_MS / 1000} s`),
    );
  }

  #fail(error: GatewayError): void {
    this.#ended = true;
    const batch = this.#batch;
    this.#settle();
    batch?.reject(error);
  }

  #settle(): void {
    clearTimeout(this.#batch?.patience);
    this.#batch = undefined;
    this.#output = "";
    this.#hold(false);
  }

  /** Whether our own process stays alive for it. */
  #hold(held: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const handle of [this.#child, stdin, stdout, stderr] as Partial<
      Pick<NodeJS.Timeout, "ref" | "unref">
    >[]) {
      if (held) handle.ref?.();
      else handle.unref?.();
    }
  }
}
