/**
 * The reader thread: blocks in `poll` over all raw sockets of the process and hands frames to the main thread in batches, so that no
 * thread of libuv's pool is held and an idle network wakes nobody.
 */
import {
  isMainThread,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from "node:worker_threads";
import { Sieve } from "../netlink/sieve.ts";
import {
  EAGAIN,
  type Libc,
  libc,
  MSG_DONTWAIT,
  MSG_TRUNC,
  POLLFD_BYTES,
  POLLIN,
  SO_ERROR,
  SOL_SOCKET,
} from "./libc.ts";
import {
  packBatch,
  READER_ROLE,
  type ReaderCommand,
  type ReaderData,
  type ReaderReport,
} from "./messages.ts";

const BATCH_FRAMES = 64;
/** Most of them are no news. */
const BATCH_EVENTS = 1024;
/** The longest frame a socket can hand over: segments joined by the receiver reach 64 KiB. */
const LONGEST_FRAME = 65_600;
const SCRATCH_BYTES = BATCH_FRAMES * 1600 + LONGEST_FRAME;
/** 16,384 frames: beyond that the kernel's buffer holds them, and drops what the main thread is too slow for. */
const MOST_OUTSTANDING = 256;
const LOST_FOR_GOOD: ReadonlySet<string> = new Set(["EBADF", "ENOTSOCK", "ENODEV", "ENXIO"]);

/** True when this thread is the reader; it then has run to its end. To be called first by the entry of a bundle that may be the reader's program. */
export function runPacketReaderIfWorker(): boolean {
  const data = workerData as Partial<ReaderData> | null;
  if (isMainThread || parentPort === null || data?.role !== READER_ROLE) return false;
  new PacketReader(libc(), parentPort, data as ReaderData).run();
  return true;
}

/** Events come in flocks, one datagram each: so long they gather, since each batch wakes the main thread. */
const GATHER_MS = 8;

interface Socket {
  readonly fd: number;
  /** Of the kernel's events. */
  readonly sieve: Sieve | undefined;
  /** Until then it is not looked at. */
  restUntil: number;
}

type Next = "continue" | "stop";

class PacketReader {
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #sockets = new Map<number, Socket>();
  #pollfds: Buffer = Buffer.alloc(0);
  #ids: number[] = [];

  constructor(
    private readonly calls: Libc,
    private readonly port: MessagePort,
    private readonly data: ReaderData,
  ) {}

  run(): void {
    this.#rebuildPollfds();
    while (this.#turn() === "continue");
    this.port.close();
  }

  #turn(): Next {
    const ready = this.calls.poll(this.#pollfds, this.#ids.length + 1, this.#lookAgainMs());
    // A negative count is EINTR; the descriptors' states are then unknown.
    if (ready <= 0) return "continue";
    const readable = this.#ids.filter((_, i) => this.#pollfds.readInt16LE((i + 1) * POLLFD_BYTES + 6) !== 0);
    const woken = this.#pollfds.readInt16LE(6) !== 0;
    for (const id of readable) this.#read(id);
    return woken ? this.#obey() : "continue";
  }

  /** Leaves out of the next `poll` what rests, and gives how long that may take; -1: as long as it likes. */
  #lookAgainMs(): number {
    const now = performance.now();
    let first = Number.POSITIVE_INFINITY;
    for (const [i, id] of this.#ids.entries()) {
      const socket = this.#sockets.get(id);
      if (!socket?.sieve) continue;
      const rests = socket.restUntil > now;
      if (rests) first = Math.min(first, socket.restUntil - now);
      // The kernel passes over a negative descriptor.
      this.#pollfds.writeInt32LE(rests ? -1 : socket.fd, (i + 1) * POLLFD_BYTES);
    }
    return first === Number.POSITIVE_INFINITY ? -1 : Math.ceil(first);
  }

  #obey(): Next {
    this.calls.eventTake(this.data.wakeFd);
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: ReaderCommand } | undefined;
      if (received === undefined) break;
      const command = received.message;
      if (command.kind === "stop") return "stop";
      if (command.kind === "add") this.#add(command);
      else {
        this.#sockets.delete(command.id);
        this.#tell({ kind: "removed", id: command.id });
      }
    }
    this.#rebuildPollfds();
    return "continue";
  }

  #add({ id, fd, isNetlink }: Extract<ReaderCommand, { kind: "add" }>): void {
    this.#sockets.set(id, { fd, sieve: isNetlink ? new Sieve() : undefined, restUntil: 0 });
  }

  #rebuildPollfds(): void {
    this.#ids = [...this.#sockets.keys()];
    const fds = [this.data.wakeFd, ...[...this.#sockets.values()].map(({ fd }) => fd)];
    this.#pollfds = Buffer.alloc(fds.length * POLLFD_BYTES);
    for (const [i, fd] of fds.entries()) {
      this.#pollfds.writeInt32LE(fd, i * POLLFD_BYTES);
      this.#pollfds.writeInt16LE(POLLIN, i * POLLFD_BYTES + 4);
    }
  }

  /** One batch at most, so that a busy socket starves neither the others nor the commands. */
  #read(id: number): void {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return;
    const { fd, sieve } = socket;
    const lengths: number[] = [];
    const most = sieve ? BATCH_EVENTS : BATCH_FRAMES;
    let at = 0;
    let received = 0;
    let count = 0;
    while (count < most && at + LONGEST_FRAME <= SCRATCH_BYTES) {
      received = this.calls.recv(fd, this.#scratch.subarray(at), MSG_DONTWAIT | MSG_TRUNC);
      if (received < 0) break;
      count++;
      const length = Math.min(received, LONGEST_FRAME);
      if (sieve && !sieve.passes(this.#scratch.subarray(at, at + length))) continue;
      lengths.push(length);
      at += length;
    }
    const errno = received < 0 ? this.calls.errno() : 0;
    if (errno !== 0) socket.restUntil = performance.now() + GATHER_MS;
    if (lengths.length > 0) this.#post(id, lengths);
    // That events were lost is told after those that were not.
    if (errno !== 0 && (count === 0 || errno !== EAGAIN)) this.#trouble(id, socket, errno);
  }

  #post(id: number, lengths: readonly number[]): void {
    this.#waitForMainThread();
    Atomics.add(this.data.outstanding, 0, 1);
    const batch = packBatch(this.#scratch, lengths);
    this.port.postMessage({ kind: "frames", id, batch } satisfies ReaderReport, [batch]);
  }

  #waitForMainThread(): void {
    const { outstanding } = this.data;
    const now = Atomics.load(outstanding, 0);
    if (now >= MOST_OUTSTANDING) Atomics.wait(outstanding, 0, now, 100);
  }

  /** A link that went down says ENETDOWN once and comes back by itself; only a socket that is none any more is given up. */
  #trouble(id: number, { fd, sieve }: Socket, errno: number): void {
    const name = this.calls.errnoName(errno);
    // Readable without a frame: an error that `recv` did not fetch would wake `poll` for ever.
    this.calls.getInt(fd, SOL_SOCKET, SO_ERROR);
    if (name === "EAGAIN" || name === "EINTR") return;
    // What was lost may have been that something went.
    sieve?.clear();
    if (!LOST_FOR_GOOD.has(name)) {
      this.#tell({ kind: "trouble", id, errno });
      return;
    }
    this.#sockets.delete(id);
    this.#rebuildPollfds();
    this.#tell({ kind: "dead", id, errno });
  }

  #tell(report: ReaderReport): void {
    this.port.postMessage(report);
  }
}
