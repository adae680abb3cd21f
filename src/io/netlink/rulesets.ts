/** Messages of nftables (<linux/netfilter/nf_tables.h>) as far as it matters which table changed. */
import { textOf } from "./fields.ts";
import { attribute, type Message } from "./message.ts";

const subsystem = 10;
/** `NFT_MSG_*`, of what is gone; all others are new or changed. */
const gone: ReadonlySet<number> = new Set([2, 5, 8, 11, 14, 20, 24]);
/** Tells that a transaction has ended. */
const newGeneration = 15;

/** `NFPROTO_*`, as nft calls them. */
const families: ReadonlyMap<number, string> = new Map([
  [1, "inet"],
  [2, "ip"],
  [3, "arp"],
  [5, "netdev"],
  [7, "bridge"],
  [10, "ip6"],
]);

const fixedBytes = 4;
/** Of a table its name, of everything in it the table's. */
const table = 1;

export interface RulesetChange {
  readonly family: string;
  readonly table: string;
  readonly gone: boolean;
}

/** Undefined for what concerns no table. */
export function rulesetChange(message: Message): RulesetChange | undefined {
  const { type, body } = message;
  if (type >> 8 !== subsystem || (type & 0xff) === newGeneration || body.byteLength < fixedBytes)
    return undefined;
  const name = attribute(message, fixedBytes, table);
  const family = families.get(body.getUint8(0));
  if (!name || family === undefined) return undefined;
  return { family, table: textOf(name), gone: gone.has(type & 0xff) };
}
