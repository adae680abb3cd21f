/** Sends crafted packets to the gateway's WAN port, and tells what became of them. */
import { expect } from "vitest";
import { standardMacs } from "../description.ts";
import type { Device } from "../devices.ts";
import type { Namespace } from "../netns.ts";
import { sendFrames } from "../send-frames.ts";
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";
import type { WanHost } from "../wan-host.ts";
import { type Probe, probesOf } from "./crafted.ts";
import { registered } from "./network.ts";

/** Of the first client. */
const clientMac = "00:00:5e:00:53:e2";
/** Ports that lead to a device, and ports of the machine's own. */
export const tcpPorts = [8080, 80, 22, 9999];
/** Leads to the first device's echo where a scenario says so. */
export const udpForward = 9007;
const firstMark = 20_000;
/** The probes by their marks: as ports, and as the identifiers of echoes. Nothing else uses these ports. */
const marked = [
  "portrange 20000-29999",
  ...["icmp", "icmp6"].map((p) => `(${p}[4:2] >= 20000 and ${p}[4:2] < 30000)`),
];
/** Nobody in the laboratory is told that a port is closed while it sends nothing else. */
export const unreachable = ["icmp[0] = 3", "icmp6[0] = 1"];
/** A filter of tcpdump, word by word. */
export const anyOf = (filters: readonly string[]): string[] => `( ${filters.join(" or ")} )`.split(" ");

/** Sends every kind of packet for each probe; then tells each frame that came to the LAN, or left the gateway on the WAN, as a line. */
export async function whatCameOf(
  lab: Lab,
  from: WanHost,
  probes: readonly Probe[],
): Promise<readonly string[]> {
  const frames = probes.flatMap((probe) => probesOf(probe, tcpPorts, [udpForward, 7, 123]));
  const sides = await sendAndWatch(lab, { side: "wan", namespace: from.namespace, mac: clientMac }, frames);
  const macs = [...registered(1, 2), lab.gateway.wanMac].map((mac) => `ether src ${mac}`);
  return [
    ...(await sides.lan.lines(anyOf(marked))),
    ...(await sides.wan.lines([...anyOf(macs), "and", ...anyOf([...marked, ...unreachable])])),
  ];
}

/** The same for a device that sends to the gateway: what the gateway then sends on the LAN, or on the WAN as anybody. */
export async function whatCameOfDevice(
  lab: Lab,
  { namespace, mac }: Device,
  ways: readonly Way[],
): Promise<readonly string[]> {
  const { gatewayLan } = standardMacs;
  const frames = ways
    .map(([source, destination], i) => ({ source, destination, mark: firstMark + i }))
    .flatMap((way) => probesOf({ ...way, fromMac: mac, toMac: gatewayLan }, tcpPorts, [udpForward, 7, 123]));
  const { lan, wan } = await sendAndWatch(lab, { side: "lan", namespace, mac }, frames);
  const identities = anyOf(registered(1, 2).map((known) => `ether src ${known}`));
  return [
    ...(await lan.lines([...anyOf([...marked, ...unreachable]), "and", "ether", "src", gatewayLan])),
    ...(await wan.lines([...identities, "and", ...anyOf(marked)])),
  ];
}

interface Sender {
  readonly side: "lan" | "wan";
  readonly namespace: Namespace;
  readonly mac: string;
}

/** What both sides saw meanwhile; all of the frames among it. */
async function sendAndWatch(lab: Lab, from: Sender, frames: readonly Uint8Array[]) {
  // Short frames, so that many find room between two looks of tcpdump.
  const lan = await lab.capture("lan", "after-lan", [], { snapBytes: 200 });
  const wan = await lab.capture("wan", "after-wan", [], { snapBytes: 200 });
  const sides = { lan, wan };
  await sendFrames(from.namespace, "eth0", ...frames);
  await sleep(1_500);
  await Promise.all([lan.stop(), wan.stop()]);
  const sent = [...anyOf(marked), "and", "ether", "src", from.mac];
  expect(await sides[from.side].count(sent)).toBeGreaterThanOrEqual(frames.length);
  return sides;
}

export type Way = readonly [source: string, destination: string];

export const probesTo = (toMac: string, ways: readonly Way[]): Probe[] =>
  ways.map(([source, destination], i) => ({
    ...{ fromMac: clientMac, toMac, source, destination },
    mark: firstMark + i,
  }));
