/** What the simulator's process is told and what it answers: one JSON object a line, `{ id, ...command }` and `{ id, result | error }`. */

export interface StartCommand {
  readonly command: "start";
  readonly count: number;
  /** MACs count up from here. */
  readonly firstMac: string;
  /** How they get their addresses. Static ones count up from `firstIp` and announce themselves by ARP. */
  readonly addressing:
    | { readonly kind: "dhcp" }
    | { readonly kind: "static"; readonly firstIp: string; readonly router: string };
  /** Devices that appear in a second; absent: all at once. */
  readonly perSecond?: number;
  /** Option 12 is this and the device's number; option 60. */
  readonly hostName?: string;
  readonly vendorClass?: string;
}

export interface TrafficCommand {
  readonly command: "traffic";
  readonly kind: "ping" | "udp";
  /** MACs of the senders; absent: every device that has an address. */
  readonly from?: readonly string[];
  readonly to: string;
  /** UDP port, 7 unless told. */
  readonly port?: number;
  /** Packets a device, 1 unless told, and packets a second of all devices together, 500 unless told. */
  readonly count?: number;
  readonly perSecond?: number;
  /** Octets behind the ICMP or UDP header, 32 unless told. */
  readonly size?: number;
  /** How long to wait for answers after the last packet; 1000 unless told. */
  readonly waitMs?: number;
}

export type SimulatorCommand =
  | StartCommand
  | TrafficCommand
  | { readonly command: "stats" }
  | { readonly command: "devices" }
  /** They speak no more and answer nothing, as if unplugged; without `macs` all of them. */
  | { readonly command: "remove"; readonly macs?: readonly string[] }
  /** ARP announcements of every device with an address, as after power came back. */
  | { readonly command: "announce" };

export interface SimulatorStats {
  readonly devices: number;
  /** Devices with an address. */
  readonly bound: number;
  /** From the first device's first frame to the last device's address; undefined while some have none. */
  readonly allBoundMs: number | undefined;
  readonly dhcpSent: number;
  readonly acks: number;
  readonly naks: number;
  readonly arpAnswered: number;
  readonly echoesAnswered: number;
}

export interface SimulatedDevice {
  readonly mac: string;
  readonly ip: string | undefined;
  readonly router: string | undefined;
  readonly hostName: string | undefined;
  /** From its first frame to its address. */
  readonly boundMs: number | undefined;
}

export interface TrafficResult {
  readonly sent: number;
  readonly answered: number;
  /** MACs of devices that missed at least one answer. */
  readonly missing: readonly string[];
}

/** The answer to each command. */
export interface SimulatorResults {
  readonly start: SimulatorStats;
  readonly stats: SimulatorStats;
  readonly devices: readonly SimulatedDevice[];
  readonly traffic: TrafficResult;
  readonly remove: SimulatorStats;
  readonly announce: SimulatorStats;
}

export const nextMac = (first: string, n: number): string =>
  (BigInt(`0x${first.replaceAll(":", "")}`) + BigInt(n))
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?=.)/g, "$&:");
