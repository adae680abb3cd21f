/** What the scenarios about the short way of datagrams share. */
import { expect } from "vitest";
import { must } from "../../src/base/parsed.ts";
import { parseEthernet } from "../../src/wire/ethernet.ts";
import { parseIpv4 } from "../../src/wire/ipv4.ts";
import { parseUdp } from "../../src/wire/udp.ts";
import type { Capture } from "../capture.ts";
import type { Namespace } from "../netns.ts";
import { readPcap } from "../pcap.ts";
import type { Lab } from "../topology.ts";
import { listening } from "./proxy-speed.ts";

export const streamPort = 5201;

export interface Datagrams {
  readonly sent: number;
  readonly lost: number;
}

/** The host beyond takes streams and sends them. */
export async function serveStreams(lab: Lab): Promise<string> {
  const { ip, namespace } = lab.wan.internet;
  namespace.start(["iperf3", "-4", "-s", "-p", String(streamPort)]);
  await listening(namespace, [streamPort]);
  return ip;
}

/** From a host to another, or the other way round, 2,000 datagrams a second. */
export async function stream(
  from: Namespace,
  ip: string,
  { seconds = 4, octets = 100, how = [] as readonly string[] } = {},
): Promise<Datagrams> {
  const pace = ["-u", "-b", String(octets * 8 * 2_000), "-l", String(octets), "-t", String(seconds)];
  const argv = ["iperf3", "-4", "-c", ip, "-p", String(streamPort), ...pace, ...how, "-J"];
  const { stdout } = await from.run(argv, { timeoutMs: 30_000 });
  const { end } = JSON.parse(stdout) as {
    readonly end: { readonly sum: { readonly packets: number; readonly lost_packets: number } };
  };
  return { sent: end.sum.packets, lost: end.sum.lost_packets };
}

/** Counts the datagrams that are forwarded as everything else is, and says how many there were since the last call. */
export async function countWholeWays(gateway: Namespace, match: string): Promise<() => Promise<number>> {
  await gateway.nft(
    `table inet lab_whole { counter whole { }; chain forwarded { type filter hook forward priority 0; ${match} meta l4proto udp counter name whole; }; }`,
  );
  return async () => {
    const { stdout } = await gateway.run(["nft", "reset", "counter", "inet", "lab_whole", "whole"]);
    return Number(/packets (\d+)/.exec(stdout)?.[1]);
  };
}

export interface OnTheWire {
  readonly mac: string;
  readonly ip: string;
  readonly ttl: number;
}

/** Of each datagram to this port: from where it came. Errors: a wrong checksum of either header. */
export async function datagramsIn(capture: Capture, port: number): Promise<readonly OnTheWire[]> {
  const frames = (await readPcap(capture.file)).map((bytes) => must(parseEthernet(bytes)));
  return frames.flatMap(({ source: mac, payload }) => {
    const { source, destination, ttl, payload: inner } = must(parseIpv4(payload));
    const udp = must(parseUdp(inner, { source, destination }));
    return udp.destinationPort === port ? [{ mac, ip: source, ttl }] : [];
  });
}

/**
 * All have left under the device's own MAC and address.
 * @param ttls one less than 64; or two, where the kernel knew the identity no more and the datagram went on
 */
export async function expectOwnName(
  capture: Capture,
  { mac, ip }: { readonly mac: string; readonly ip: string },
  atLeast: number,
  ttls: readonly number[] = [63],
): Promise<void> {
  const seen = await datagramsIn(capture, streamPort);
  expect(seen.length).toBeGreaterThanOrEqual(atLeast);
  expect([...new Set(seen.map((one) => `${one.mac} ${one.ip}`))]).toEqual([`${mac} ${ip}`]);
  expect([...new Set(seen.map(({ ttl }) => ttl))].filter((ttl) => !ttls.includes(ttl))).toEqual([]);
}
