/** How much of a device's IPv4 arrives as IPv6, and the other way round; for the bench. */
import { arrivals, countArrivals } from "./arrivals.ts";
import { streamPort, type XlatNet, type XlatPeer } from "./xlat-peers.ts";

export interface XlatFigures {
  /** Gigabits a second of TCP on four connections, from the device and to it. */
  readonly up: number;
  readonly down: number;
  /** Datagrams of 18 octets a second that arrive all but one in a hundred: throughput as RFC 2544 has it, section 26.1. */
  readonly packets: number;
  /** What arrives in a second of them where they are sent as fast as one processor can, which then has no time for anything else. */
  readonly flooded: number;
}

const payloadOctets = 18;
const port = 9;

export async function measureXlat(net: XlatNet, peer: XlatPeer, seconds: number): Promise<XlatFigures> {
  if (peer !== "ours") await net.share(peer === "shared");
  return {
    up: await stream(net, peer, seconds, []),
    down: await stream(net, peer, seconds, ["-R"]),
    packets: await throughput(net, peer, seconds),
    flooded: (await send(net, peer, seconds)).perSecond,
  };
}

async function stream(
  { device, ways }: XlatNet,
  peer: XlatPeer,
  seconds: number,
  how: readonly string[],
): Promise<number> {
  // It takes whole seconds, and 0 for ever.
  const time = String(Math.ceil(seconds));
  const ends = ["-c", ways[peer].to, "-p", String(streamPort), ...how];
  const { stdout } = await device.namespace.run(["iperf3", "-4", ...ends, "-t", time, "-P", "4", "-J"], {
    timeoutMs: (seconds + 20) * 1000,
  });
  const { end } = JSON.parse(stdout) as {
    readonly end: { readonly sum_received: { readonly bits_per_second: number } };
  };
  return end.sum_received.bits_per_second / 1e9;
}

/** More than any of the machines can. */
const mostPackets = 256_000;
/** To 2,000 packets a second. */
const halvings = 7;
/** RFC 2544 allows none; what else a machine does costs some. */
const allowedLoss = 0.01;

async function throughput(net: XlatNet, peer: XlatPeer, seconds: number): Promise<number> {
  let best = 0;
  for (let [good, bad, n] = [0, mostPackets, 0]; n < halvings; n++) {
    const rate = Math.round((good + bad) / 2);
    const { sent, arrived, perSecond } = await send(net, peer, seconds, rate);
    if (arrived < sent * (1 - allowedLoss)) bad = rate;
    else [good, best] = [rate, Math.max(best, perSecond)];
  }
  return best;
}

interface Sent {
  readonly sent: number;
  readonly arrived: number;
  readonly perSecond: number;
}

/** @param rate packets a second; absent: as fast as it goes, past the queues, on one processor */
async function send(net: XlatNet, peer: XlatPeer, seconds: number, rate?: number): Promise<Sent> {
  const { device, deviceIp, far } = net;
  const { nextHopMac, to, to6 } = net.ways[peer];
  await countArrivals(far, `ip6 daddr ${to6} udp dport ${port}`);
  const packet = `{ eth(da=${nextHopMac}, sa=${device.mac}), ipv4(ttl=64, sa=${deviceIp}, da=${to}), udp(sp=40000, dp=${port}), fill(0, ${payloadOctets}) }`;
  const paced = rate === undefined ? [] : ["-b", `${rate}pps`];
  const argv = [
    "timeout",
    "-s",
    "INT",
    String(seconds),
    "trafgen",
    "-o",
    "eth0",
    "-P",
    "1",
    ...paced,
    packet,
  ];
  const { stdout, stderr } = await device.namespace.run(argv, {
    mayFail: true,
    timeoutMs: (seconds + 20) * 1000,
  });
  const [, sent = ""] = /(\d+) packets outgoing/.exec(stdout) ?? [];
  const [, wall = "", micros = ""] = /(\d+) sec, (\d+) usec on CPU/.exec(stdout) ?? [];
  const arrived = await arrivals(far);
  if (wall === "" || sent === "" || !(arrived > 0))
    throw new Error(`${arrived} packets arrived of: ${stdout}${stderr}`);
  return { sent: Number(sent), arrived, perSecond: arrived / (Number(wall) + Number(micros) / 1e6) };
}
