import { type Ip4, parseIp4 } from "../../src/base/ip4.ts";
import { must } from "../../src/base/parsed.ts";
import { ipProtocols } from "../../src/wire/ipv4.ts";
import { emitUdp } from "../../src/wire/udp.ts";
import { sleep } from "../wait.ts";
import { emitEcho } from "./icmp.ts";
import type { TrafficCommand, TrafficResult } from "./protocol.ts";
import type { SimDevice } from "./sim-device.ts";
import type { SimHost } from "./sim-host.ts";

const udpSourcePort = 40_007;
let runs = 0;

/** Sends as many devices and counts what comes back to each. */
export async function runTraffic(
  host: SimHost,
  devices: readonly SimDevice[],
  command: TrafficCommand,
): Promise<TrafficResult> {
  const { count = 1, perSecond = 500, size = 32, waitMs = 1_000 } = command;
  const to = must(parseIp4(command.to));
  const run = ++runs & 0xffff;
  const answers = new Map<SimDevice, number>(devices.map((device) => [device, 0]));
  const answered = (device: SimDevice): void => void answers.set(device, (answers.get(device) ?? 0) + 1);
  host.arrivals = {
    echo: (device, echo) => {
      if (command.kind === "ping" && echo.id === run) answered(device);
    },
    udp: (device, datagram) => {
      if (command.kind === "udp" && datagram.destinationPort === udpSourcePort) answered(device);
    },
  };
  await learnRouters(devices);
  let sent = 0;
  const started = performance.now();
  for (let sequence = 0; sequence < count; sequence++) {
    for (const device of devices) {
      const early = (sent * 1000) / perSecond - (performance.now() - started);
      if (early > 2) await sleep(early);
      if (host.sendIp(device, packet(command, device, to, run, sequence, size))) sent++;
    }
  }
  await waitForAnswers(() => [...answers.values()].reduce((a, b) => a + b, 0) >= sent, waitMs);
  host.arrivals = undefined;
  const missing = [...answers].filter(([, n]) => n < count).map(([device]) => device.mac);
  return { sent, answered: [...answers.values()].reduce((a, b) => a + b, 0), missing };
}

/** A device whose router did not answer its first question asks again, twice. */
async function learnRouters(devices: readonly SimDevice[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const unknown = devices.filter((device) => device.routerMac === undefined);
    if (unknown.length === 0) return;
    for (const device of unknown) device.askForRouter();
    await sleep(200);
  }
}

async function waitForAnswers(complete: () => boolean, waitMs: number): Promise<void> {
  const end = performance.now() + waitMs;
  while (!complete() && performance.now() < end) await sleep(10);
}

function packet(
  command: TrafficCommand,
  device: SimDevice,
  to: Ip4,
  run: number,
  sequence: number,
  size: number,
) {
  const data = new Uint8Array(size).fill(0x61);
  if (command.kind === "ping") {
    const payload = emitEcho({ kind: "request", id: run, sequence: sequence & 0xffff, data });
    return { destination: to, protocol: ipProtocols.icmp, payload };
  }
  const ports = { sourcePort: udpSourcePort, destinationPort: command.port ?? 7 };
  const payload = emitUdp({ ...ports, payload: data }, { source: device.ip ?? to, destination: to });
  return { destination: to, protocol: ipProtocols.udp, payload };
}
