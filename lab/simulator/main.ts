/** The simulator's process: `main IFNAME`, commands on standard input, answers on standard output (protocol.ts). */
import { createInterface } from "node:readline";
import { type Ip4, ip4FromNumber, ip4ToNumber, parseIp4 } from "../../src/base/ip4.ts";
import { type Mac, parseMac } from "../../src/base/mac.ts";
import { must } from "../../src/base/parsed.ts";
import { openPacketLinks } from "../../src/io/packet/links.ts";
import { runPacketReaderIfWorker } from "../../src/io/packet/reader-thread.ts";
import { sleep } from "../wait.ts";
import type { SimulatedDevice, SimulatorCommand, SimulatorStats, StartCommand } from "./protocol.ts";
import { nextMac } from "./protocol.ts";
import { SimDevice } from "./sim-device.ts";
import { SimHost } from "./sim-host.ts";
import { runTraffic } from "./traffic.ts";

const host = new SimHost();
const devices = (): readonly SimDevice[] => [...host.byMac.values()];
const mac = (text: string): Mac => must(parseMac(text));

const addressOf = (first: string, n: number): Ip4 => ip4FromNumber(ip4ToNumber(must(parseIp4(first))) + n);

async function startDevices(command: StartCommand): Promise<SimulatorStats> {
  const { addressing, perSecond } = command;
  const began = performance.now();
  for (let n = 0; n < command.count; n++) {
    const early = perSecond === undefined ? 0 : (n * 1000) / perSecond - (performance.now() - began);
    if (early > 1) await sleep(early);
    const hostName = command.hostName === undefined ? undefined : `${command.hostName}${n + 1}`;
    const naming = { hostName, vendorClass: command.vendorClass };
    const device = new SimDevice(mac(nextMac(command.firstMac, n)), host.byMac.size, naming, host);
    host.byMac.set(device.mac, device);
    if (addressing.kind === "dhcp") device.startDhcp();
    else device.startStatic(addressOf(addressing.firstIp, n), must(parseIp4(addressing.router)));
  }
  return stats();
}

function stats(): SimulatorStats {
  const all = devices();
  const sum = (of: (device: SimDevice) => number): number =>
    all.reduce((total, device) => total + of(device), 0);
  const bound = all.filter((device) => device.ip !== undefined);
  const first = Math.min(...all.map((device) => device.startedAt ?? Number.POSITIVE_INFINITY));
  const last = Math.max(...bound.map((device) => device.boundAt ?? 0));
  return {
    devices: all.length,
    bound: bound.length,
    allBoundMs: all.length > 0 && bound.length === all.length ? Math.round(last - first) : undefined,
    dhcpSent: sum((device) => device.dhcpSent),
    acks: sum((device) => device.acks),
    naks: sum((device) => device.naks),
    arpAnswered: host.arpAnswered,
    echoesAnswered: host.echoesAnswered,
  };
}

const describe = (device: SimDevice): SimulatedDevice => ({
  mac: device.mac,
  ip: device.ip,
  router: device.router,
  hostName: device.naming.hostName,
  boundMs:
    device.boundAt === undefined || device.startedAt === undefined
      ? undefined
      : Math.round(device.boundAt - device.startedAt),
});

function remove(macs: readonly string[] | undefined): SimulatorStats {
  for (const each of macs?.map(mac) ?? [...host.byMac.keys()]) {
    host.byMac.get(each)?.stop();
    host.byMac.delete(each);
  }
  return stats();
}

async function obey(command: SimulatorCommand): Promise<unknown> {
  switch (command.command) {
    case "start":
      return startDevices(command);
    case "stats":
      return stats();
    case "devices":
      return devices().map(describe);
    case "remove":
      return remove(command.macs);
    case "announce":
      for (const device of devices()) device.announce();
      return stats();
    case "traffic": {
      const from = command.from === undefined ? undefined : new Set(command.from);
      const senders = devices().filter(
        (device) => device.ip !== undefined && (from === undefined || from.has(device.mac)),
      );
      return runTraffic(host, senders, command);
    }
  }
}

async function main(): Promise<void> {
  await host.open(openPacketLinks(), process.argv[2] ?? "eth0");
  const answer = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  answer({ id: 0, result: "ready" });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, ...command } = JSON.parse(line) as SimulatorCommand & { readonly id: number };
    obey(command as SimulatorCommand).then(
      (result) => answer({ id, result }),
      (error: unknown) => answer({ id, error: String(error) }),
    );
  }
  await host.close();
  process.exit(0);
}

if (!runPacketReaderIfWorker()) await main();
