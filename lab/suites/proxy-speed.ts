/** How fast a way through the gateway is: octets, and new connections; for the bench. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Namespace } from "../netns.ts";
import { type ProxyLab, wanPort } from "../proxy-lab.ts";
import { waitFor } from "../wait.ts";

/** Where a client finds the web server (port 80) and the stream server (port 23) of a device. */
export interface WayIn {
  readonly host: string;
  readonly web: number;
  readonly stream: number;
}

/** Of one way in one round. Processor time is that of the proxy's processes, their share of the kernel's work included. */
export interface SpeedFigures {
  readonly gigabits: number;
  readonly cpuPerGigabyte: number;
  readonly connections: number;
  readonly cpuPerThousand: number;
}

/** One answer of some octets, then the connection ends. */
const webServer = `defaults
  mode http
  timeout connect 10s
  timeout client 10s
  timeout server 10s
  option httpclose

frontend web
  bind 0.0.0.0:80
  http-request return status 200 content-type text/plain string hello
`;

/** The devices' side: a web server on port 80 and iperf3 on port 23, quick ones both. */
export async function serveFast({ lan, directory }: ProxyLab): Promise<void> {
  const file = join(directory, "web.cfg");
  await writeFile(file, webServer);
  lan.start(["haproxy", "-db", "-f", file]);
  lan.start(["iperf3", "-4", "-s", "-p", "23"]);
  await listening(lan, [80, 23]);
}

/** Resolves when programs listen on all these ports. */
export async function listening(namespace: Namespace, ports: readonly number[]): Promise<void> {
  await waitFor(`programs listen on ${ports.join(", ")}`, async () => {
    const { stdout } = await namespace.run(["ss", "-Hltn"]);
    return ports.every((port) => stdout.includes(`:${port} `));
  });
}

/** As on real ports: large segments, unfinished checksums, and enough source ports. */
export async function likeRealPorts({ gateway, client, lan }: ProxyLab): Promise<void> {
  const ends: [Namespace, string][] = [
    [gateway, wanPort],
    [gateway, "lan"],
    [client, "wan"],
    [lan, "eth0"],
  ];
  for (const [namespace, port] of ends)
    await namespace.run(["ethtool", "-K", port, "tx", "on", "tso", "on", "gso", "on"]);
  for (const namespace of [gateway, client])
    await namespace.sysctl({ "net.ipv4.ip_local_port_range": "10000 60999" });
}

export async function measure(lab: ProxyLab, way: WayIn, seconds: number): Promise<SpeedFigures> {
  const [gigabits, streamCpu] = await withCpu(lab, () => throughput(lab, way, seconds));
  const [connections, webCpu] = await withCpu(lab, () => connectionRate(lab, way, seconds));
  return {
    gigabits,
    cpuPerGigabyte: streamCpu / ((gigabits * seconds) / 8),
    connections,
    cpuPerThousand: webCpu / ((connections * seconds) / 1000),
  };
}

/** Gigabits a second from the device to the client, on four connections. */
async function throughput({ client }: ProxyLab, { host, stream }: WayIn, seconds: number): Promise<number> {
  const argv = ["iperf3", "-c", host, "-p", String(stream), "-t", String(seconds), "-P", "4", "-R", "-J"];
  const { stdout } = await client.run(argv, { timeoutMs: (seconds + 20) * 1000 });
  const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return end.sum_received.bits_per_second / 1e9;
}

/** Connections a second that were answered, 64 at a time. */
async function connectionRate({ client }: ProxyLab, { host, web }: WayIn, seconds: number): Promise<number> {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${web}/`;
  const argv = ["wrk", "-t", "1", "-c", "64", "-d", `${seconds}s`, "-H", "Connection: close", url];
  const { stdout } = await client.run(argv, { timeoutMs: (seconds + 20) * 1000 });
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1];
  if (rate === undefined || /Socket errors|Non-2xx/.test(stdout)) throw new Error(`wrk: ${stdout}`);
  return Number(rate);
}

async function withCpu<T>({ gateway }: ProxyLab, task: () => Promise<T>): Promise<readonly [T, number]> {
  const before = await cpuSeconds(gateway);
  const result = await task();
  return [result, (await cpuSeconds(gateway)) - before];
}

/** Of all processes inside, and of children that have ended. */
async function cpuSeconds(namespace: Namespace): Promise<number> {
  const stats = await Promise.all((await namespace.pids()).map((pid) => ticks(pid).catch(() => 0)));
  return stats.reduce((sum, one) => sum + one, 0) / 100;
}

async function ticks(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}
