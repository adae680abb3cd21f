/** Changes of our tables by others, told by nftables itself. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { KernelEvent } from "../../ports/kernel.ts";
import { rulesetsOfOthers } from "../netlink/filters.ts";
import { messagesIn } from "../netlink/message.ts";
import { rulesetChange } from "../netlink/rulesets.ts";
import { libc, NETLINK_NETFILTER } from "../packet/libc.ts";
import { EventSocket } from "./event-socket.ts";
import type { TableName } from "./nft-line.ts";

/** `NFNLGRP_NFTABLES` of <linux/netfilter/nfnetlink.h>. */
const group = 7;

/** To be called when the library of nftables has been loaded. Errors: GatewayError "no-kernel-events". */
export function watchRulesets(
  tables: readonly TableName[],
  onEvent: (event: KernelEvent) => void,
): { stop(): Promise<void> } {
  const own = libraryPort();
  return new EventSocket({
    calls: libc(),
    family: NETLINK_NETFILTER,
    groups: [group],
    port: freePort(),
    filter: rulesetsOfOthers(own),
    onOpen: () => {},
    onDatagram(datagram) {
      for (const message of messagesIn(datagram)) {
        const change = rulesetChange(message);
        const isOurs = tables.some(({ family, name }) => change?.family === family && change.table === name);
        if (change && isOurs) onEvent({ kind: "nftables", keys: [], gone: change.gone });
      }
    },
    onLoss: () => onEvent({ kind: "resync" }),
  });
}

let opened = 0;
/** The process's own number is left to the library, which may ask for it at each change anew. */
const freePort = (): number => 0x40000000 + (++opened % 64) * 2 ** 22 + process.pid;

/** The address of the library's socket: the process's number, unless somebody has taken that; where it has none at the moment, it will be that. */
function libraryPort(): number {
  const own = ownSockets();
  for (const line of readFileSync("/proc/self/net/netlink", "utf8").split("\n")) {
    const [, family, port, , , , , , , inode = ""] = line.trim().split(/\s+/);
    if (family === String(NETLINK_NETFILTER) && own.has(inode)) return Number(port);
  }
  return process.pid;
}

/** Their inodes. */
function ownSockets(): ReadonlySet<string> {
  const inodes = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    } catch {
      return undefined;
    }
  });
  return new Set(inodes.filter((inode) => inode !== undefined));
}
