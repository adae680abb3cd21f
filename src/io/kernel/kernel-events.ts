/** Kernel events of rtnetlink, read by the thread that reads packets (ADR 35). */
import { readFileSync } from "node:fs";
import { GatewayError } from "../../base/errors.ts";
import type { KernelEvent } from "../../ports/kernel.ts";
import { eventOf } from "../netlink/events.ts";
import { linkFields } from "../netlink/fields.ts";
import { linksRequest, type Message, messagesIn, multi, newLink } from "../netlink/message.ts";
import { type Libc, libc, SO_RCVBUF, SO_RCVBUFFORCE, SOL_SOCKET } from "../packet/libc.ts";
import { sharedReader } from "../packet/shared-reader.ts";

/** Where we may not exceed it, the kernel cuts it to net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
const REOPEN_MS = 500;

/** Multicast groups of <linux/rtnetlink.h>. */
const groups = {
  ...{ link: 1, neighbour: 3 },
  ...{ address4: 5, route4: 7, rule4: 8, netconf4: 24 },
  ...{ address6: 9, route6: 11, rule6: 19, netconf6: 25 },
};

/** Tells of changes of links, addresses, routes, rules, neighbour entries and settings. Errors: GatewayError "no-kernel-events". */
export function watchEvents(onEvent: (event: KernelEvent) => void): { stop(): Promise<void> } {
  const events = new Events(libc(), onEvent);
  return { stop: () => events.stop() };
}

class Events {
  readonly #calls: Libc;
  readonly #onEvent: (event: KernelEvent) => void;
  readonly #names: InterfaceNames;
  #fd = -1;
  #id = 0;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(calls: Libc, onEvent: (event: KernelEvent) => void) {
    this.#calls = calls;
    this.#onEvent = onEvent;
    this.#names = new InterfaceNames(calls);
    this.#open();
  }

  #open(): void {
    const fd = openSocket(this.#calls);
    this.#fd = fd;
    this.#id = sharedReader(this.#calls).add({
      fd,
      isNetlink: true,
      onFrame: (datagram) => this.#take(datagram),
      onTrouble: (_errno, dead) => this.#lost(dead),
    });
    const request = linksRequest();
    this.#calls.send(fd, request, 0);
    // What changed before is looked at once.
    setImmediate(() => this.#tell({ kind: "resync" }));
  }

  #take(datagram: Uint8Array): void {
    for (const message of messagesIn(datagram)) {
      this.#names.learn(message);
      const event = (message.flags & multi) === 0 ? eventOf(message, this.#names) : undefined;
      if (event) this.#tell(event);
      this.#names.forget(message);
    }
  }

  #tell(event: KernelEvent): void {
    if (!this.#stopped) this.#onEvent(event);
  }

  /** The kernel had more to say than the socket could hold. */
  #lost(dead: boolean): void {
    this.#tell({ kind: "resync" });
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
    await sharedReader(this.#calls).remove(this.#id);
    this.#calls.close(fd);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#close();
  }
}

function openSocket(calls: Libc): number {
  const check = (result: number): number => {
    if (result >= 0) return result;
    const name = calls.errnoName(calls.errno());
    throw new GatewayError("no-kernel-events", "kernel", `a socket for the kernel's events failed (${name})`);
  };
  const fd = check(calls.netlinkSocket());
  try {
    if (calls.setInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES) < 0)
      calls.setInt(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    for (const group of Object.values(groups)) check(calls.joinGroup(fd, group));
    return fd;
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

/** Events name interfaces by number, also for a moment after they are gone. */
class InterfaceNames {
  readonly #calls: Libc;
  readonly #known = new Map<number, string>();
  readonly #groups = groupNames();

  constructor(calls: Libc) {
    this.#calls = calls;
  }

  learn(message: Message): void {
    if (message.type !== newLink) return;
    const link = linkFields(message);
    if (link) this.#known.set(link.index, link.name);
  }

  /** To be called when all that it was asked for is told. */
  forget(message: Message): void {
    if (message.type !== newLink + 1) return;
    const link = linkFields(message);
    if (link) this.#known.delete(link.index);
  }

  interface(index: number): string | undefined {
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    const name = this.#calls.ifname(index);
    if (name !== undefined) this.#known.set(index, name);
    return name;
  }

  group(number: number): string {
    return this.#groups.get(number) ?? String(number);
  }
}

/** Where iproute2 keeps them; the later one holds. */
const groupFiles = ["/usr/share/iproute2/group", "/etc/iproute2/group"];

function groupNames(): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const file of groupFiles) {
    for (const line of linesOf(file)) {
      const [, number, name] = /^\s*(\d+|0x[0-9a-f]+)\s+(\S+)/i.exec(line) ?? [];
      if (number !== undefined && name !== undefined) names.set(Number(number), name);
    }
  }
  return names;
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}
