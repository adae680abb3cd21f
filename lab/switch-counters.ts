export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

/** What the switch counted on the gateway's port, by source MAC. */
export interface SwitchCounters {
  /** Every frame, dropped ones too. */
  readonly seen: ReadonlyMap<string, Count>;
  readonly arp: ReadonlyMap<string, Count>;
  /** UDP towards port 67. */
  readonly dhcp: ReadonlyMap<string, Count>;
  /** Dropped: the MAC is not registered. */
  readonly unregistered: ReadonlyMap<string, Count>;
  /** Dropped by source guard. */
  readonly guarded: ReadonlyMap<string, Count>;
  /** The same drops with the address that was not the MAC's own. */
  readonly guardedSources: readonly (Count & { readonly mac: string; readonly ip: string })[];
}

interface NftElement {
  readonly elem?: {
    readonly val: string | { readonly concat: readonly string[] };
    readonly counter?: Count;
  };
}
interface NftSet {
  readonly name: string;
  readonly elem?: readonly NftElement[];
}

/** Reads `nft -j list table`. */
export function parseCounters(json: string): SwitchCounters {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly set?: NftSet }[] };
  const sets = new Map(nftables.flatMap(({ set }) => (set === undefined ? [] : [[set.name, set]])));
  const rows = (name: string) => (sets.get(name)?.elem ?? []).map(readElement);
  const byMac = (name: string): ReadonlyMap<string, Count> =>
    new Map(rows(name).map(({ key, count }) => [key[0] ?? "", count]));
  const guarded = rows("guarded").map(({ key, count }) => ({
    mac: key[0] ?? "",
    ip: key[1] ?? "",
    ...count,
  }));
  return {
    seen: byMac("seen"),
    arp: byMac("seen_arp"),
    dhcp: byMac("seen_dhcp"),
    unregistered: byMac("unregistered"),
    guarded: sumByMac(guarded),
    guardedSources: guarded,
  };
}

function readElement(element: NftElement): { key: readonly string[]; count: Count } {
  const value = element.elem?.val ?? "";
  return {
    key: typeof value === "string" ? [value] : value.concat,
    count: {
      packets: element.elem?.counter?.packets ?? 0,
      bytes: element.elem?.counter?.bytes ?? 0,
    },
  };
}

function sumByMac(rows: readonly (Count & { readonly mac: string })[]): ReadonlyMap<string, Count> {
  const sums = new Map<string, Count>();
  for (const { mac, packets, bytes } of rows) {
    const sum = sums.get(mac) ?? { packets: 0, bytes: 0 };
    sums.set(mac, { packets: sum.packets + packets, bytes: sum.bytes + bytes });
  }
  return sums;
}

/** Packets of one MAC in one of the maps; 0 when it was never seen. */
export const packetsOf = (map: ReadonlyMap<string, Count>, mac: string): number => map.get(mac)?.packets ?? 0;

/** Packets of all MACs in one of the maps. */
export const totalPackets = (map: ReadonlyMap<string, Count>): number =>
  [...map.values()].reduce((sum, { packets }) => sum + packets, 0);
