/** How much of what a LAN host sends comes out at the WAN under the right name; for the bench. */
import { arrivals, countArrivals } from "./arrivals.ts";
import { type ForwardNet, farHost, lanHostMac, nextHopMac, streamPort, type Talker } from "./forward-net.ts";

export interface PacketFigures {
  /** Packets of 64 octets that arrived, in a second. */
  readonly perSecond: number;
  /**
   * For a second of processor time: sending and forwarding happen one after the other on one processor, so that it tells the same
   * where other work takes part of the time.
   */
  readonly perProcessorSecond: number;
}

export interface StreamFigures {
  readonly gigabits: number;
  /** Gigabits for a second of processor time of both ends, forwarding included. */
  readonly perProcessorSecond: number;
}

/** With the four octets of check sequence that no one sees, 64 octets. */
const payloadOctets = 18;
const port = 9;

/** Sends as fast as it goes, past the queues, on one processor. */
export async function packetRate(net: ForwardNet, talker: Talker, seconds: number): Promise<PacketFigures> {
  await countArrivals(net.far, `ip saddr ${talker.wanIp} udp dport ${port}`);
  const packet = `{ eth(da=${nextHopMac}, sa=${lanHostMac}), ipv4(ttl=64, sa=${talker.lanIp}, da=${farHost}), udp(sp=40000, dp=${port}), fill(0, ${payloadOctets}) }`;
  const script = 'TIMEFORMAT="processor %3U %3S"; time timeout -s INT "$0" trafgen -o eth0 -P 1 "$1"';
  const argv = ["bash", "-c", script, String(seconds), packet];
  const ran = await net.lan.run(argv, { mayFail: true, timeoutMs: (seconds + 20) * 1000 });
  const [, wall = "", micros = ""] = /(\d+) sec, (\d+) usec on CPU/.exec(ran.stdout) ?? [];
  const [, user = "", system = ""] = /processor ([\d.]+) ([\d.]+)/.exec(ran.stderr) ?? [];
  const arrived = await arrivals(net.far);
  if (wall === "" || system === "" || arrived === 0)
    throw new Error(`${arrived} packets arrived of: ${ran.stdout}${ran.stderr}`);
  return {
    perSecond: arrived / (Number(wall) + Number(micros) / 1e6),
    perProcessorSecond: arrived / (Number(user) + Number(system)),
  };
}

interface Iperf {
  readonly end: {
    readonly sum_received: { readonly bits_per_second: number; readonly seconds: number };
    readonly cpu_utilization_percent: { readonly host_total: number; readonly remote_total: number };
  };
}

/** On four connections from the device to the far end. */
export async function streamRate(net: ForwardNet, talker: Talker, seconds: number): Promise<StreamFigures> {
  // It takes whole seconds, and 0 for ever.
  const time = String(Math.ceil(seconds));
  const ends = ["-c", farHost, "-p", String(streamPort), "-B", talker.lanIp];
  const argv = ["iperf3", "-4", ...ends, "-t", time, "-P", "4", "-J"];
  const { stdout } = await net.lan.run(argv, { timeoutMs: (seconds + 20) * 1000 });
  const { end } = JSON.parse(stdout) as Iperf;
  const gigabits = end.sum_received.bits_per_second / 1e9;
  const { host_total, remote_total } = end.cpu_utilization_percent;
  return { gigabits, perProcessorSecond: gigabits / ((host_total + remote_total) / 100) };
}
