/** What the scenarios about the IPv6 proxy in the whole gateway share. */
import { join } from "node:path";
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import type { Device, DeviceDescription } from "../devices.ts";
import { run } from "../exec.ts";
import { helloFrom, type LoadResult, type LoadTarget, startLoadServer } from "../load.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";
import { flowing, look } from "./links.ts";
import { slaacAddress } from "./network6.ts";
import { waitForAddresses } from "./reach.ts";

/** In the one prefix that a network has by SLAAC unless told. */
export const ownIp6 = (mac: string): string => slaacAddress("2001:db8:a::/64", mac);

export interface LoadDevice {
  readonly device: Device;
  readonly target: LoadTarget;
}

/** A device with the load server on its ports 80 and 23, and what WAN clients find at its own IPv6 address. */
export async function addLoadDevice(
  lab: Lab,
  n: number,
  address: DeviceDescription["address"] = "dhcp",
): Promise<LoadDevice> {
  const mac = deviceMac(n);
  const device = await lab.addDevice({ name: `d${n}`, mac, address });
  await startLoadServer(device.namespace, [80, 23]);
  const answer = helloFrom(await device.waitForIp(), 80);
  return { device, target: { host: ownIp6(mac), port: 8080, answer } };
}

/** What a client hears on a port of a load server, or undefined. */
export async function heardAt(from: WanHost, host: string, port: number): Promise<string | undefined> {
  const to = host.includes(":") ? `TCP6:[${host}]:${port}` : `TCP4:${host}:${port}`;
  const argv = ["timeout", "5", "socat", "-t", "2", "-", `${to},connect-timeout=2`];
  const { stdout } = await from.namespace.run(argv, { input: "hello\n", mayFail: true });
  return stdout === "" ? undefined : stdout;
}

export const waitForAnswer = (lab: Lab, from: WanHost, { host, port, answer }: LoadTarget) =>
  lab.gateway.waitFor(
    `${answer.trim()} at ${host} ${port}`,
    async () => (await heardAt(from, host, port)) === answer,
    { timeoutMs: 30_000, everyMs: 200 },
  );

/** The same device by IPv4, which goes by no proxy. */
export async function target4(lab: Lab, { device, target }: LoadDevice): Promise<LoadTarget> {
  const { addresses4 } = await waitForAddresses(lab, device, { four: 1, six: 1 });
  return { ...target, host: addresses4[0] ?? "" };
}

/** What HAProxy answers on one of its sockets in the runtime directory. */
export async function askHaproxy(lab: Lab, socket: "haproxy" | "haproxy-master", line: string) {
  const path = join(lab.gateway.directory, "run", `${socket}.sock`);
  const argv = ["socat", "-t", "5", "-", `UNIX-CONNECT:${path}`];
  return (await run(argv, { input: `${line}\n`, mayFail: true })).stdout;
}

/** MACs of the devices that HAProxy has. */
export async function proxiedMacs(lab: Lab): Promise<readonly string[]> {
  const answer = await askHaproxy(lab, "haproxy", "show servers state devices");
  return [...answer.matchAll(/ device_([0-9a-f]{12}) /g)].map(([, digits = ""]) =>
    digits.replace(/..(?=.)/g, "$&:"),
  );
}

/** How often the master has been reloaded. */
export async function reloads(lab: Lab): Promise<number> {
  const answer = await askHaproxy(lab, "haproxy-master", "show proc");
  return Number(/^\d+\s+master\s+(\d+)/m.exec(answer)?.[1] ?? Number.NaN);
}

/** Processes of a program on the gateway's machine, the oldest first. */
export async function pidsOf(lab: Lab, program: string): Promise<readonly number[]> {
  const { stdout } = await lab.gateway.namespace.run(["pgrep", "-x", program], { mayFail: true });
  const inside = new Set(await lab.gateway.namespace.pids());
  return stdout
    .split("\n")
    .filter(Boolean)
    .map(Number)
    .filter((pid) => inside.has(pid));
}

/** TCP ports on which a program waits on the gateway's machine, as `ADDRESS:PORT`. */
export async function portsOf(lab: Lab, program: string): Promise<readonly string[]> {
  const { stdout } = await lab.gateway.namespace.run(["ss", "-Hltnp"]);
  const lines = stdout.split("\n").filter((line) => line.includes(`"${program}"`));
  return lines.map((line) => line.trim().split(/\s+/)[3] ?? "");
}

/** Until `gateway status` and `gateway devices` both tell all of these as problems. */
export const waitForProblems = (lab: Lab, sentences: readonly RegExp[]): Promise<unknown> =>
  lab.gateway.waitFor(
    `both commands tell ${sentences.join(", ")}`,
    async () => {
      const shown = Object.values(await look(lab)).map((text) => flowing(text).split(" Problems ")[1] ?? "");
      for (const problems of shown) for (const sentence of sentences) expect(problems).toMatch(sentence);
      return true;
    },
    { timeoutMs: 45_000, everyMs: 500 },
  );

export const waitForNoProblem = (lab: Lab): Promise<unknown> =>
  lab.gateway.waitFor(
    "no command tells a problem",
    async () => {
      for (const text of Object.values(await look(lab))) expect(text).not.toContain("Problems");
      return true;
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );

export const describeLoad = ({ downloads, connections, seconds, ...times }: LoadResult): string =>
  `${downloads.good} downloads and ${connections.good} connections (${Math.round(connections.good / seconds)} a second) good; ` +
  `connections took ${times.medianMs.toFixed(1)} ms (median), ${times.p99Ms.toFixed(1)} ms (p99), ${times.slowestMs.toFixed(0)} ms (slowest)`;

/** A small file system of its own for a directory of the gateway's, from before its start, that can be made read-only. */
export async function readOnly(lab: Lab, name: "state" | "run") {
  const directory = join(lab.gateway.directory, name);
  await run(["mkdir", "-p", directory]);
  await run(["mount", "-t", "tmpfs", "-o", "mode=755,size=4m", "none", directory]);
  return {
    remount: (how: "ro" | "rw") => run(["mount", "-o", `remount,${how}`, directory]),
    remove: () => run(["umount", "-l", directory]),
  };
}

/** A program that is not there for those who start from now on. */
export async function hidden(program: string) {
  const { stdout } = await run(["sh", "-c", `command -v ${program}`]);
  const path = stdout.trim();
  await run(["mount", "--bind", "/dev/null", path]);
  return { show: () => run(["umount", path]) };
}
