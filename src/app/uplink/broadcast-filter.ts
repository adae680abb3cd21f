/**
 * Keeps what one station sends to all away from the identities that it does not concern. The kernel asks each of them about every such frame, and hands
 * copies on: with a thousand, a segment on which a thousand stations are asked for in a second costs a million copies. Questions for an identity go to
 * that one alone, what no identity listens to is dropped. What we hear ourselves is taken from the port before that.
 */
import type { Ip4 } from "../../base/ip4.ts";
import { eui64Address, type Ip6, ip6ToBytes, looksMade } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { identityMac, nftTable } from "../../plan/marks.ts";
import type { ResourceMap } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { NetdevTable, removeTable } from "./netdev-table.ts";

const table = `netdev ${nftTable.name}_heard`;

type Held = ReadonlyMap<Ip4, Mac>;

const listed = (held: Held): string => [...held].map(([ip, mac]) => `${ip} : ${mac}`).join(", ");

/** As the kernel reads a field of the packet: one number. */
const numbers = (ips: Iterable<Ip6>): string =>
  [...ips].map((ip) => `0x${Buffer.from(ip6ToBytes(ip)).toString("hex")}`).join(", ");

const elements = (text: string): string => (text === "" ? "" : `    elements = { ${text} }\n`);

/**
 * The target of a neighbour solicitation (RFC 4861 section 4.3) begins 48 bytes into the packet. Where its last half is made of a MAC (RFC 4291
 * appendix A), the MAC's first three bytes are at 56, its last at 61, and ff:fe between; addresses that were leased are asked of all as before,
 * also those that only look as if they were made of one.
 */
const target = "@nh,384,128";
const solicited = "icmpv6 type nd-neighbor-solicit @nh,472,16 0xfffe";
const toItsMac = "@ll,24,24 set @nh,488,24 @ll,0,24 set @nh,448,24 xor 0x020000 accept";

/** What has a tag belongs to a VLAN of somebody else on the port, though to `meta protocol` and `arp` it looks like the rest. */
const othersVlans = "ether type { 8021q, 8021ad } accept";

const filter = (port: string, { held, likeMade }: Asked): string => `table ${table} {
  map held {
    type ipv4_addr : ether_addr
${elements(listed(held))}  }
  set like_made {
    typeof ${target}
${elements(numbers(likeMade))}  }
  chain to_all {
    ${othersVlans}
    arp operation request ether daddr set arp daddr ip map @held accept
    arp operation request drop
    meta protocol ip drop
  }
  chain to_many {
    ${othersVlans}
    ${solicited} ${target} @like_made accept
    ${solicited} ${toItsMac}
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
  readonly #held = new Map<Ip4, Mac>();
  readonly #likeMade = new Set<Ip6>();

  constructor(parts: BroadcastFilterParts) {
    this.#parts = parts;
    const lacking = "broadcasts are not filtered: the kernel cannot, or the port is not there";
    this.#table = new NetdevTable({ ...parts, table, lacking });
  }

  /** After each pass. `desired`: everything after a whole one, what some devices have after others; an address that is told in vain does no harm. */
  passed(desired: ResourceMap, whole: boolean): void {
    if (!this.#parts.silent) {
      this.#table.next(() => this.#table.remove());
      return;
    }
    const asked = askedIn(desired);
    this.#table.next(() => (whole ? this.#make(asked) : this.#add(asked)));
  }

  /** Resolves when all is done that was asked for. */
  settled(): Promise<void> {
    return this.#table.settled();
  }

  /** Made anew with each whole look: with its port the chain goes too, and others may have taken it away. */
  async #make(asked: Asked): Promise<void> {
    this.#held.clear();
    this.#likeMade.clear();
    this.#remember(asked);
    await this.#table.make(filter(this.#parts.wanPort, asked));
  }

  /** An address that cannot be told must not be shut out. */
  async #add(asked: Asked): Promise<void> {
    const held = new Map([...asked.held].filter(([ip, mac]) => this.#held.get(ip) !== mac));
    const moved = [...held.keys()].filter((ip) => this.#held.has(ip));
    const likeMade = [...asked.likeMade].filter((ip) => !this.#likeMade.has(ip));
    this.#remember({ held, likeMade });
    await this.#table.change(
      changing("delete", "held", moved.join(", ")) +
        changing("add", "held", listed(held)) +
        changing("add", "like_made", numbers(likeMade)),
    );
  }

  #remember({ held, likeMade }: Asked): void {
    for (const [ip, mac] of held) this.#held.set(ip, mac);
    for (const ip of likeMade) this.#likeMade.add(ip);
  }
}

const changing = (verb: "add" | "delete", name: string, what: string): string =>
  what === "" ? "" : `${verb} element ${table} ${name} { ${what} }\n`;

/** What stations may ask for. */
interface Asked {
  /** The identities' IPv4 addresses, and whose each is. */
  readonly held: Held;
  /** Their leased IPv6 addresses that look as if they were made of a MAC, and are not made of the identity's own. */
  readonly likeMade: Iterable<Ip6>;
}

function askedIn(desired: ResourceMap): Asked {
  const held = new Map<Ip4, Mac>();
  const likeMade: Ip6[] = [];
  for (const r of desired.values()) {
    if (r.kind !== "address" && r.kind !== "address6") continue;
    const mac = identityMac(r.ifname);
    if (!mac) continue;
    if (r.kind === "address") held.set(r.ip, mac);
    else if (looksMade(r.ip) && r.ip !== eui64Address(r.ip, mac)) likeMade.push(r.ip);
  }
  return { held, likeMade };
}

/** There may be none, and a kernel that knows no such tables. */
export const removeBroadcastFilter = (kernel: Pick<Kernel, "nft">): Promise<void> =>
  removeTable(kernel, table);
