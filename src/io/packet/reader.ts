/** The main thread's side of the reader thread: starts it with the first socket, ends it with the last. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../base/errors.ts";
import type { Libc } from "./libc.ts";
import {
  eachFrame,
  READER_ROLE,
  type ReaderCommand,
  type ReaderData,
  type ReaderReport,
} from "./messages.ts";

/** What the reader tells about one socket. */
export interface Readable {
  readonly fd: number;
  /** It tells of the kernel's events: what is no news is left out, and they are gathered for a moment. */
  readonly isNetlink?: boolean;
  onFrame(frame: Uint8Array): void;
  /** The kernel reported an error on the socket; reading goes on unless `dead`. */
  onTrouble(errno: number, dead: boolean): void;
}

const RESTART_MS = 1000;
/** Room to load a bundle that holds the whole gateway: measured, 8 MB of old space are too few for that, and the process aborts. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

interface Thread {
  readonly worker: Worker;
  readonly wakeFd: number;
  readonly outstanding: Int32Array;
  readonly stopAtExit: () => void;
}

export class Reader {
  readonly #sockets = new Map<number, Readable>();
  readonly #removals = new Map<number, () => void>();
  #lastId = 0;
  #thread: Thread | undefined;

  /** Called when the thread ended by itself and will be started again. */
  onCrash: (message: string) => void = () => {};

  /** `program`: the file to start the thread from. */
  constructor(
    private readonly calls: Libc,
    private readonly program: URL,
  ) {}

  add(socket: Readable): number {
    const id = ++this.#lastId;
    this.#sockets.set(id, socket);
    if (this.#thread === undefined) this.#start();
    else this.#add(id, socket);
    return id;
  }

  /** Resolves once the thread does not touch the descriptor any more; with the last socket the thread has ended. */
  async remove(id: number): Promise<void> {
    if (!this.#sockets.delete(id)) return;
    if (this.#thread === undefined) return;
    if (this.#sockets.size === 0) return await this.#stop();
    const removed = new Promise<void>((resolve) => this.#removals.set(id, resolve));
    this.#command({ kind: "remove", id });
    await removed;
  }

  #start(): void {
    const wakeFd = this.calls.eventfd();
    const outstanding = new Int32Array(new SharedArrayBuffer(4));
    const data: ReaderData = { role: READER_ROLE, wakeFd, outstanding };
    const worker = new Worker(this.program, {
      workerData: data,
      resourceLimits: RESOURCE_LIMITS,
      name: READER_ROLE,
    });
    // At exit Node joins its threads, and this one would sleep in `poll` for ever.
    const stopAtExit = (): void => {
      worker.postMessage({ kind: "stop" } satisfies ReaderCommand);
      this.calls.eventAdd(wakeFd);
    };
    process.once("exit", stopAtExit);
    const thread = { worker, wakeFd, outstanding, stopAtExit };
    this.#thread = thread;
    let crash = "it ended by itself";
    worker.on("message", (report: ReaderReport) => this.#hear(report, outstanding));
    worker.on("error", (error) => {
      crash = messageOf(error);
    });
    worker.on("exit", () => this.#ended(thread, crash));
    for (const [id, socket] of this.#sockets) this.#add(id, socket);
  }

  #add(id: number, { fd, isNetlink = false }: Readable): void {
    this.#command({ kind: "add", id, fd, isNetlink });
  }

  #command(command: ReaderCommand): void {
    this.#thread?.worker.postMessage(command);
    if (this.#thread !== undefined) this.calls.eventAdd(this.#thread.wakeFd);
  }

  async #stop(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#command({ kind: "stop" });
    this.#thread = undefined;
    await once(thread.worker, "exit");
  }

  #ended(thread: Thread, crash: string): void {
    process.off("exit", thread.stopAtExit);
    this.calls.close(thread.wakeFd);
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const resolve of this.#removals.values()) resolve();
    this.#removals.clear();
    this.onCrash(crash);
    setTimeout(() => {
      if (this.#thread === undefined && this.#sockets.size > 0) this.#start();
    }, RESTART_MS);
  }

  #hear(report: ReaderReport, outstanding: Int32Array): void {
    if (report.kind === "removed") {
      this.#removals.get(report.id)?.();
      this.#removals.delete(report.id);
      return;
    }
    if (report.kind === "frames") {
      Atomics.sub(outstanding, 0, 1);
      Atomics.notify(outstanding, 0);
      eachFrame(report.batch, (frame) => this.#sockets.get(report.id)?.onFrame(frame));
      return;
    }
    this.#sockets.get(report.id)?.onTrouble(report.errno, report.kind === "dead");
  }
}
