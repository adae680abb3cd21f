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
import {
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

type Next = "continue" | "stop";

class PacketReader {
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #sockets = new Map<number, number>();
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
    const ready = this.calls.poll(this.#pollfds, this.#ids.length + 1, -1);
    // A negative count is EINTR; the descriptors' states are then unknown.
    if (ready <= 0) return "continue";
    const readable = this.#ids.filter((_, i) => this.#pollfds.readInt16LE((i + 1) * POLLFD_BYTES + 6) !== 0);
    const woken = this.#pollfds.readInt16LE(6) !== 0;
    for (const id of readable) this.#read(id);
    return woken ? this.#obey() : "continue";
  }

  #obey(): Next {
    this.calls.eventTake(this.data.wakeFd);
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: ReaderCommand } | undefined;
      if (received === undefined) break;
      const command = received.message;
      if (command.kind === "stop") return "stop";
      if (command.kind === "add") this.#sockets.set(command.id, command.fd);
      else {
        this.#sockets.delete(command.id);
        this.#tell({ kind: "removed", id: command.id });
      }
    }
    this.#rebuildPollfds();
    return "continue";
  }

  #rebuildPollfds(): void {
    this.#ids = [...this.#sockets.keys()];
    const fds = [this.data.wakeFd, ...this.#sockets.values()];
    this.#pollfds = Buffer.alloc(fds.length * POLLFD_BYTES);
    for (const [i, fd] of fds.entries()) {
      this.#pollfds.writeInt32LE(fd, i * POLLFD_BYTES);
      this.#pollfds.writeInt16LE(POLLIN, i * POLLFD_BYTES + 4);
    }
  }

  /** One batch at most, so that a busy socket starves neither the others nor the commands. */
  #read(id: number): void {
    const fd = this.#sockets.get(id);
    if (fd === undefined) return;
    const lengths: number[] = [];
    let at = 0;
    let received = 0;
    while (lengths.length < BATCH_FRAMES && at + LONGEST_FRAME <= SCRATCH_BYTES) {
      received = this.calls.recv(fd, this.#scratch.subarray(at), MSG_DONTWAIT | MSG_TRUNC);
      if (received < 0) break;
      const length = Math.min(received, LONGEST_FRAME);
      lengths.push(length);
      at += length;
    }
    const errno = received < 0 ? this.calls.errno() : 0;
    if (lengths.length > 0) this.#post(id, lengths);
    else this.#trouble(id, fd, errno);
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
  #trouble(id: number, fd: number, errno: number): void {
    const name = this.calls.errnoName(errno);
    // Readable without a frame: an error that `recv` did not fetch would wake `poll` for ever.
    this.calls.getInt(fd, SOL_SOCKET, SO_ERROR);
    if (name === "EAGAIN" || name === "EINTR") return;
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
