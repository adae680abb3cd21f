/**
 * Keeps what one station sends to all away from the identities that it does not concern. The kernel asks each of them about every such frame, and hands
 * copies on: with a thousand, a segment on which a thousand stations are asked for in a second costs a million copies. Questions for an identity go to
 * that one alone, what no identity listens to is dropped. What we hear ourselves is taken from the port before that.
 */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { nftTable } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { NetdevTable, removeTable } from "./netdev-table.ts";

const table = `netdev ${nftTable.name}_heard`;

type Held = ReadonlyMap<Ip4, Mac>;

const listed = (held: Held): string => [...held].map(([ip, mac]) => `${ip} : ${mac}`).join(", ");

const elements = (held: Held): string => (held.size === 0 ? "" : `    elements = { ${listed(held)} }\n`);

/**
 * The target of a neighbour solicitation (RFC 4861 section 4.3) begins 48 bytes into the packet. Where its last half is made of a MAC (RFC 4291
 * appendix A), the MAC's first three bytes are at 56, its last at 61, and ff:fe between; addresses that were leased are asked of all as before.
 */
const askedByMac =
  "icmpv6 type nd-neighbor-solicit @nh,472,16 0xfffe @ll,24,24 set @nh,488,24 @ll,0,24 set @nh,448,24 xor 0x020000 accept";

/** What has a tag belongs to a VLAN of somebody else on the port, though to `meta protocol` and `arp` it looks like the rest. */
const othersVlans = "ether type { 8021q, 8021ad } accept";

const filter = (port: string, held: Held): string => `table ${table} {
  map held {
    type ipv4_addr : ether_addr
${elements(held)}  }
  chain to_all {
    ${othersVlans}
    arp operation request ether daddr set arp daddr ip map @held accept
    arp operation request drop
    meta protocol ip drop
  }
  chain to_many {
    ${othersVlans}
    ${askedByMac}
    meta protocol ip6 meta l4proto != ipv6-icmp drop
    icmpv6 type { nd-router-solicit, mld-listener-report, mld-listener-done, mld2-listener-report } drop
    meta protocol ip drop
  }
  chain heard {
    type filter hook ingress device ${JSON.stringify(port)} priority filter; policy accept;
    meta pkttype broadcast goto to_all
    meta pkttype multicast goto to_many
  }
}
`;

export interface BroadcastFilterParts {
  readonly kernel: Pick<Kernel, "nft">;
  readonly log: Log;
  readonly wanPort: string;
  /** Whether the port has no address of its own for which it could be asked. */
  readonly silent: boolean;
}

export class BroadcastFilter {
  readonly #parts: BroadcastFilterParts;
  readonly #table: NetdevTable;
  /** Those that have been told since the table was made. */
  #held = new Map<Ip4, Mac>();

  constructor(parts: BroadcastFilterParts) {
    this.#parts = parts;
    const lacking = "broadcasts are not filtered: the kernel cannot, or the port is not there";
    this.#table = new NetdevTable({ ...parts, table, lacking });
  }

  /** After each pass. `desired`: everything after a whole one, what some devices have after others; an address that is told in vain does no harm. */
  passed(desired: ResourceMap, whole: boolean): void {
    if (!this.#parts.silent) return;
    const held = heldIn(desired);
    if (whole) this.#table.next(() => this.#make(held));
    else if (held.size > 0) this.#table.next(() => this.#add(held));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#table.settled();
  }

  /** Made anew with each whole look: with its port the chain goes too, and others may have taken it away. */
  async #make(held: Held): Promise<void> {
    this.#held = new Map(held);
    await this.#table.make(filter(this.#parts.wanPort, held));
  }

  /** An address that cannot be told must not be shut out. */
  async #add(held: Held): Promise<void> {
    const others = new Map([...held].filter(([ip, mac]) => this.#held.get(ip) !== mac));
    if (others.size === 0) return;
    const moved = [...others.keys()].filter((ip) => this.#held.has(ip));
    for (const [ip, mac] of others) this.#held.set(ip, mac);
    const gone = moved.length > 0 ? `delete element ${table} held { ${moved.join(", ")} }\n` : "";
    await this.#table.change(`${gone}add element ${table} held { ${listed(others)} }\n`);
  }
}

/** The identities' IPv4 addresses, and whose each is. */
function heldIn(desired: ResourceMap): Map<Ip4, Mac> {
  const macs = new Map<string, Mac>();
  for (const r of desired.values()) if (r.kind === "identity") macs.set(r.ifname, r.mac);
  const held = new Map<Ip4, Mac>();
  for (const r of desired.values()) {
    const mac = r.kind === "address" ? macs.get(r.ifname) : undefined;
    if (r.kind === "address" && mac) held.set(r.ip, mac);
  }
  return held;
}

/** There may be none, and a kernel that knows no such tables. */
export const removeBroadcastFilter = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, table);
