/** Kernel events of rtnetlink. */
import { readFileSync } from "node:fs";
import type { KernelEvent } from "../../ports/kernel.ts";
import { eventOf } from "../netlink/events.ts";
import { linkFields } from "../netlink/fields.ts";
import { changesOfOthers } from "../netlink/filters.ts";
import { linksRequest, type Message, messagesIn, multi, newLink } from "../netlink/message.ts";
import { type Libc, libc, NETLINK_ROUTE } from "../packet/libc.ts";
import { EventSocket } from "./event-socket.ts";
import type { OwnWriters } from "./own-writers.ts";

/** Multicast groups of <linux/rtnetlink.h>. */
const groups = {
  ...{ link: 1, neighbour: 3 },
  ...{ address4: 5, route4: 7, rule4: 8, netconf4: 24 },
  ...{ address6: 9, route6: 11, rule6: 19, netconf6: 25 },
};

/**
 * Tells of changes of links, addresses, settings, and of routes, rules and neighbour entries that `writers` did not make. Errors: GatewayError
 * "no-kernel-events".
 */
export function watchEvents(
  writers: OwnWriters,
  onEvent: (event: KernelEvent) => void,
): { stop(): Promise<void> } {
  const calls = libc();
  const names = new InterfaceNames(calls);
  const socket = new EventSocket({
    calls,
    family: NETLINK_ROUTE,
    groups: Object.values(groups),
    port: 0,
    filter: changesOfOthers(writers.pids()),
    onOpen: (fd) => void calls.send(fd, linksRequest(), 0),
    onDatagram(datagram) {
      for (const message of messagesIn(datagram)) {
        names.learn(message);
        const event = (message.flags & multi) === 0 ? eventOf(message, names) : undefined;
        if (event) onEvent(event);
        names.forget(message);
      }
    },
    onLoss: () => onEvent({ kind: "resync" }),
  });
  const forget = writers.listen((pids) => socket.setFilter(changesOfOthers(pids)));
  return {
    stop() {
      forget();
      return socket.stop();
    },
  };
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
