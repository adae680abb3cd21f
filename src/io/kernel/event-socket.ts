/** A netlink socket on which the kernel tells of changes, read by the thread that reads packets (ADR 35). */
import { GatewayError } from "../../base/errors.ts";
import type { BpfInstruction } from "../../wire/bpf.ts";
import type { Libc } from "../packet/libc.ts";
import { sharedReader } from "../packet/shared-reader.ts";
import { enlargeReceiveBuffer } from "../packet/socket.ts";

const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
const REOPEN_MS = 500;

export interface EventSocketParts {
  readonly calls: Libc;
  /** One of netlink's families. */
  readonly family: number;
  /** Its multicast groups. */
  readonly groups: readonly number[];
  /** The address it should have; 0: any. */
  readonly port: number;
  readonly filter: readonly BpfInstruction[];
  /** It hears from now on. */
  readonly onOpen: (fd: number) => void;
  readonly onDatagram: (datagram: Uint8Array) => void;
  /** Something may have changed that it does not tell of. */
  readonly onLoss: () => void;
}

export class EventSocket {
  readonly #parts: EventSocketParts;
  #filter: readonly BpfInstruction[];
  #fd = -1;
  #id = 0;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  /** Errors: GatewayError "no-kernel-events". */
  constructor(parts: EventSocketParts) {
    this.#parts = parts;
    this.#filter = parts.filter;
    this.#open();
  }

  /** What matters from now on; what waits already was chosen by the filter before. */
  setFilter(filter: readonly BpfInstruction[]): void {
    this.#filter = filter;
    // Without it there is more to hear, and nothing less.
    if (this.#fd >= 0) this.#parts.calls.attachFilter(this.#fd, filter);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#close();
  }

  #open(): void {
    const { calls, onDatagram, onOpen } = this.#parts;
    const fd = openSocket(this.#parts, this.#filter);
    this.#fd = fd;
    this.#id = sharedReader(calls).add({
      fd,
      isNetlink: true,
      onFrame: (datagram) => {
        if (!this.#stopped) onDatagram(datagram);
      },
      onTrouble: (_errno, dead) => this.#lost(dead),
    });
    onOpen(fd);
    // What changed before is looked at once.
    setImmediate(() => this.#tellLoss());
  }

  #tellLoss(): void {
    if (!this.#stopped) this.#parts.onLoss();
  }

  /** The kernel had more to say than the socket could hold. */
  #lost(dead: boolean): void {
    this.#tellLoss();
    if (dead) void this.#close().then(() => this.#reopen());
  }

  #reopen(): void {
    if (this.#stopped) return;
    try {
      this.#open();
    } catch {
      this.#retry = setTimeout(() => this.#reopen(), REOPEN_MS).unref();
    }
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    const { calls } = this.#parts;
    await sharedReader(calls).remove(this.#id);
    calls.close(fd);
  }
}

function openSocket(
  { calls, family, groups, port }: EventSocketParts,
  filter: readonly BpfInstruction[],
): number {
  const check = (result: number): number => {
    if (result >= 0) return result;
    const name = calls.errnoName(calls.errno());
    throw new GatewayError("no-kernel-events", "kernel", `a socket for the kernel's events failed (${name})`);
  };
  const fd = check(calls.netlinkSocket(family, port));
  try {
    check(calls.attachFilter(fd, filter));
    enlargeReceiveBuffer(calls, fd, RECEIVE_BUFFER_BYTES);
    for (const group of groups) check(calls.joinGroup(fd, group));
    return fd;
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}
