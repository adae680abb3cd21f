import { ip6FromBytes } from "../src/base/ip6.ts";
import { macFromBytes } from "../src/base/mac.ts";
import { type Kind6, kinds6 } from "./switch-rules6.ts";

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
  /** Dropped by source guard, either family. */
  readonly guarded: ReadonlyMap<string, Count>;
  /** The same drops with the address that was not the MAC's own; of a refused neighbour advertisement its target. */
  readonly guardedSources: readonly SourceCount[];
  /** Every IPv6 frame (`ip6`), dropped ones too, and some kinds: `dad` are solicitations from ::, `ns` all others. */
  readonly ipv6: Readonly<Record<Kind6, ReadonlyMap<string, Count>>>;
  /** Every IPv6 source that each MAC has used, dropped ones too. */
  readonly pairs6: readonly SourceCount[];
  /** As `seen` and `guardedSources`, but never reset. */
  readonly ever: ReadonlyMap<string, Count>;
  readonly everGuarded: readonly SourceCount[];
}

export interface Binding6 {
  readonly mac: string;
  readonly ip: string;
}

export interface SourceCount extends Count, Binding6 {}

/** A value of a set, or part of one: text, or raw payload as a number or hexadecimal text. */
type NftValue = string | number;

interface NftElement {
  readonly elem?: {
    readonly val: NftValue | { readonly concat: readonly NftValue[] };
    readonly counter?: Count;
  };
}
interface NftSet {
  readonly name: string;
  readonly elem?: readonly (NftElement | { readonly concat: readonly NftValue[] })[];
}

/** Elements of each set of `nft -j list table`. */
function readSets(json: string): (name: string) => readonly Element[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly set?: NftSet }[] };
  const sets = new Map(nftables.flatMap(({ set }) => (set === undefined ? [] : [[set.name, set]])));
  return (name) => (sets.get(name)?.elem ?? []).map(readElement);
}

interface Element {
  readonly key: readonly NftValue[];
  readonly count: Count;
}

/** Reads `nft -j list table`. */
export function parseCounters(json: string): SwitchCounters {
  const rows = readSets(json);
  const byMac = (name: string): ReadonlyMap<string, Count> =>
    new Map(rows(name).map(({ key, count }) => [String(key[0] ?? ""), count]));
  const bySource = (name: string): readonly SourceCount[] =>
    rows(name).map(({ key, count }) => ({ mac: String(key[0] ?? ""), ip: String(key[1] ?? ""), ...count }));
  const raw = (name: string): readonly SourceCount[] =>
    rows(name).map(({ key, count }) => ({ ...readPair(key), ...count }));
  const guarded = [...bySource("guarded"), ...raw("guarded6")];
  return {
    seen: byMac("seen"),
    arp: byMac("seen_arp"),
    dhcp: byMac("seen_dhcp"),
    unregistered: byMac("unregistered"),
    guarded: sumByMac(guarded),
    guardedSources: guarded,
    ipv6: Object.fromEntries(kinds6.map((kind) => [kind, byMac(`seen_${kind}`)])) as SwitchCounters["ipv6"],
    pairs6: bySource("pairs6"),
    ever: byMac("ever"),
    everGuarded: [...bySource("ever_guarded"), ...raw("ever_guarded6")],
  };
}

/** Reads `nft -j list table`. */
export const parseBindings6 = (json: string): readonly Binding6[] =>
  readSets(json)("bindings6").map(({ key }) => readPair(key));

/** MAC and IPv6 address as raw payload. */
function readPair([mac = 0, ip = 0]: readonly NftValue[]): Binding6 {
  return { mac: macFromBytes(octetsOf(mac, 6)), ip: ip6FromBytes(octetsOf(ip, 16)) };
}

const octetsOf = (value: NftValue, length: number): Uint8Array =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(length * 2, "0"),
    "hex",
  );

function readElement(element: NonNullable<NftSet["elem"]>[number]): Element {
  const { val, counter } = "concat" in element ? { val: element } : (element.elem ?? { val: "" });
  return {
    key: typeof val === "object" ? val.concat : [val],
    count: { packets: counter?.packets ?? 0, bytes: counter?.bytes ?? 0 },
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
