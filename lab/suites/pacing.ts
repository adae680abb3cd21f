/** What leaves the WAN port, second by second, as the access switch sees it. */
import type { Capture } from "../capture.ts";
import type { Lab } from "../topology.ts";

/** Frames that an access switch counts, by capture filter; MLD reports carry a hop-by-hop header. */
const filters = {
  ARP: ["arp"],
  DHCP: ["udp", "dst", "port", "67", "or", "udp", "dst", "port", "547"],
  ND: ["icmp6", "and", "ip6[40]", ">=", "133", "and", "ip6[40]", "<=", "136"],
  MLD: ["ip6", "proto", "0"],
} as const;
export type SwitchKind = keyof typeof filters;
export const switchKinds = Object.keys(filters) as SwitchKind[];

/** When our frames of each kind left, in seconds of the calendar. */
export type Departures = Readonly<Record<SwitchKind, readonly number[]>>;

/** Reads what the gateway's port sent in the names of devices whose MACs begin so. */
export async function departures(capture: Capture | undefined, macPrefix: string): Promise<Departures> {
  if (capture === undefined) throw new Error("there is no such capture");
  const read = async (kind: SwitchKind): Promise<readonly [SwitchKind, readonly number[]]> => {
    const frames = (await capture.lines(filters[kind])).map((line) => line.split(" ", 2));
    const ours = frames.filter(([, mac]) => mac?.startsWith(macPrefix));
    return [kind, ours.map(([at]) => Number(at)).sort((a, b) => a - b)];
  };
  return Object.fromEntries(await Promise.all(switchKinds.map(read))) as Departures;
}

/** The most of these sorted times in any span of one second. */
export function busiestSecond(times: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [last, at] of times.entries()) {
    while (at - (times[first] ?? at) >= 1) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** The busiest second of each kind between two moments, in seconds of the calendar. */
export function busiest(of: Departures, from: number, to: number): Record<SwitchKind, number> {
  const most = (kind: SwitchKind): number => busiestSecond(of[kind].filter((at) => at >= from && at < to));
  return { ARP: most("ARP"), DHCP: most("DHCP"), ND: most("ND"), MLD: most("MLD") };
}

export const showBusiest = (most: Record<SwitchKind, number>): string =>
  switchKinds.map((kind) => `${most[kind]} ${kind}`).join(", ");

export const nowSeconds = (): number => Date.now() / 1000;

/** The DHCPv4 and DHCPv6 exchanges that were completed since `from`, an index into the gateway's output. */
export const completed = (lab: Lab, family: 4 | 6, from = 0): Set<string> =>
  new Set(
    lab.gateway.output
      .slice(from)
      .flatMap((line) => new RegExp(`DHCPv${family} (?:obtained|renewed) for (\\S+):`).exec(line)?.[1] ?? []),
  );

/** Devices in the order in which their leases of an earlier run were asked about. */
export const verifiedInOrder = (lab: Lab, from: number): string[] =>
  lab.gateway.output
    .slice(from)
    .flatMap((line) => /DHCPv4 requested for (\S+): verifying/.exec(line)?.[1] ?? []);

/** When each device was last seen, as devices.json has it. */
export async function lastSeen(lab: Lab): Promise<ReadonlyMap<string, number>> {
  const { devices } = (await lab.gateway.state()) as {
    readonly devices: Readonly<Record<string, { readonly mac_address: string; readonly last_seen: string }>>;
  };
  return new Map(Object.values(devices).map((d) => [d.mac_address, Date.parse(d.last_seen)]));
}
