/** How much of a device's IPv4 arrives as IPv6, and the other way round; for the bench. */
import { arrivals, countArrivals } from "./arrivals.ts";
import { streamPort, type XlatNet, type XlatPeer } from "./xlat-peers.ts";

export interface XlatFigures {
  /** Gigabits a second of TCP on four connections, from the device and to it. */
  readonly up: number;
  readonly down: number;
  /** Datagrams of 18 octets that arrived, in a second. */
  readonly packets: number;
}

const payloadOctets = 18;
const port = 9;

export async function measureXlat(net: XlatNet, peer: XlatPeer, seconds: number): Promise<XlatFigures> {
  if (peer === "bare" || peer === "shared") await net.share(peer === "shared");
  return {
    up: await stream(net, peer, seconds, []),
    down: await stream(net, peer, seconds, ["-R"]),
    packets: await packetRate(net, peer, seconds),
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

/** Sends as fast as it goes, past the queues, on one processor. */
export async function packetRate(net: XlatNet, peer: XlatPeer, seconds: number): Promise<number> {
  const { device, deviceIp, far } = net;
  const { nextHopMac, to, to6 } = net.ways[peer];
  const match = `ip6 daddr ${to6} udp dport ${port}`;
  await countArrivals(far, match);
  const packet = `{ eth(da=${nextHopMac}, sa=${device.mac}), ipv4(ttl=64, sa=${deviceIp}, da=${to}), udp(sp=40000, dp=${port}), fill(0, ${payloadOctets}) }`;
  const argv = ["timeout", "-s", "INT", String(seconds), "trafgen", "-o", "eth0", "-P", "1", packet];
  const flood = () => device.namespace.run(argv, { mayFail: true, timeoutMs: (seconds + 20) * 1000 });
  let sent = await flood();
  // At its end it may find its ring full, and tells nothing of what it did.
  for (let again = 0; again < 3 && sent.stderr.includes("Flushing TX_RING failed"); again++) {
    await countArrivals(far, match);
    sent = await flood();
  }
  const [, wall = "", micros = ""] = /(\d+) sec, (\d+) usec on CPU/.exec(sent.stdout) ?? [];
  const arrived = await arrivals(far);
  if (wall === "" || !(arrived > 0))
    throw new Error(`${peer}: ${arrived} packets arrived of: ${sent.stdout}${sent.stderr}`);
  return arrived / (Number(wall) + Number(micros) / 1e6);
}
