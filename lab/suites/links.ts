/** What the scenarios about links that change share: what people are shown meanwhile, what works, and what the switch's port saw. */
import { expect } from "vitest";
import { columnsOf } from "../../src/cli/text.ts";
import type { Capture } from "../capture.ts";
import type { Device } from "../devices.ts";
import { run } from "../exec.ts";
import type { GatewayDevice } from "../gateway.ts";
import type { Lab } from "../topology.ts";
import { waitForIpv6 } from "./network6.ts";

/** What `gateway devices` and `gateway status` print where the terminal has 80 columns. */
export interface Shown {
  readonly devices: string;
  readonly status: string;
}

/** Asks as a person would; neither command fails, and no line is longer than the terminal. */
export async function look(lab: Lab): Promise<Shown> {
  const ask = async (command: "devices" | "status"): Promise<string> => {
    const { code, stdout, stderr } = await lab.gateway.command([command, "--direct"]);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
    for (const line of stdout.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
    return stdout;
  };
  const [devices, status] = await Promise.all([ask("devices"), ask("status")]);
  return { devices, status };
}

/** Text with its lines joined, for sentences that may be broken anywhere. */
export const flowing = (text: string): string => text.replace(/\s+/g, " ");

/** Both commands say this sentence, or part of one, and that it is a problem. */
export async function expectProblem(lab: Lab, sentence: string | RegExp): Promise<void> {
  for (const text of Object.values(await look(lab))) {
    const [, problems = ""] = flowing(text).split(" Problems ");
    expect(problems, text).toMatch(sentence);
  }
}

export async function expectNoProblem(lab: Lab): Promise<void> {
  for (const text of Object.values(await look(lab))) expect(text).not.toContain("Problems");
}

/** What `gateway status` says in a line of this label, continued lines included. */
export function statusFact({ status }: Shown, label: string): string {
  const lines = status.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`  ${label} `));
  const more = lines.slice(at + 1).findIndex((line) => !line.startsWith(" ".repeat(11)));
  return flowing(
    lines
      .slice(at, at + 1 + more)
      .join(" ")
      .slice(11),
  );
}

/** By MAC: what the gateway says that each device has. */
export async function addressesByMac(lab: Lab): Promise<ReadonlyMap<string, string>> {
  const has = (d: GatewayDevice): string => `${d.ipv4_wan_address ?? "-"} ${d.ipv6_address ?? "-"}`;
  return new Map((await lab.gateway.devices()).map((d) => [d.mac_address, has(d)]));
}

/** Waits until each device is active with an IPv4 lease, an address by SLAAC and a lease of DHCPv6; gives them by MAC. */
export async function waitForAll(lab: Lab, macs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  for (const mac of macs) await waitForIpv6(lab, mac, (there) => there.length === 2, 30_000);
  return lab.gateway.waitFor("all have IPv4", async () => {
    const have = await addressesByMac(lab);
    return macs.every((mac) => have.get(mac)?.startsWith("-") === false) && have;
  });
}

/** Waits until each device fetches a page over IPv4, and over IPv6 from each address it has; gives the seconds that the last one took. */
export async function waitForTraffic(lab: Lab, devices: readonly Device[]): Promise<number> {
  const from = performance.now();
  const { ip, ip6 } = lab.wan.internet;
  const have = await addressesByMac(lab);
  const options = { timeoutMs: 30_000 };
  await Promise.all(
    devices.flatMap((device) => {
      const own = (have.get(device.mac) ?? "").split(" ")[1]?.split(",") ?? [];
      const fetch6 = (address: string) =>
        lab.gateway.namespace.run([
          "curl",
          "-gsS",
          "--max-time",
          "1",
          "--interface",
          address,
          `http://[${ip6}]/`,
        ]);
      return [
        lab.gateway.waitFor(`${device.name} reaches ${ip}`, () => device.fetch(`http://${ip}/`, 1), options),
        ...own.map((address) =>
          lab.gateway.waitFor(`${address} reaches ${ip6}`, () => fetch6(address), options),
        ),
      ];
    }),
  );
  return (performance.now() - from) / 1000;
}

/** A captured frame: when, in seconds of the calendar, and who sent it. */
export interface CapturedFrame {
  readonly at: number;
  readonly mac: string;
}

/** The captured frames of these senders that match, as `["arp"]`. */
export async function framesOf(
  capture: Capture | undefined,
  macs: readonly string[],
  filter: readonly string[] = [],
): Promise<readonly CapturedFrame[]> {
  if (capture === undefined) throw new Error("there is no such capture");
  const frames = (await capture.lines(filter)).map((line) => line.split(" ", 2));
  return frames
    .map(([at, mac]) => ({ at: Number(at), mac: mac ?? "" }))
    .filter(({ mac }) => macs.includes(mac));
}

/** The most frames in any span of one second. */
export function mostInASecond(frames: readonly CapturedFrame[]): number {
  const times = frames.map(({ at }) => at).sort((a, b) => a - b);
  const within = times.map((first) => times.filter((at) => at >= first && at < first + 1).length);
  return Math.max(0, ...within);
}

/** Takes the WAN port away for good, as pulling a USB adapter does, with its cable. */
export const removeWanPort = (lab: Lab): Promise<void> => lab.gateway.namespace.ip(["link del eth0"]);

/** A port of the same name and MAC as a driver makes it: down, with all settings as the kernel has them. */
export async function addWanPort(lab: Lab): Promise<void> {
  const { namespace } = lab.wan.firewall;
  const host = lab.gateway.namespace;
  const own = ["name", "eth0", "address", lab.gateway.wanMac, "netns", host.name];
  const peer = ["name", "gateway", "netns", namespace.name];
  await run(["ip", "link", "add", ...own, "type", "veth", "peer", ...peer]);
  await host.run(["ethtool", "-K", "eth0", "tx", "off"]);
  await namespace.run(["ethtool", "-K", "gateway", "tx", "off"]);
  await namespace.ip(["link set gateway master br0", "link set gateway up"]);
}

/** A small file system of its own for the gateway's state, from before its start. */
export async function mountState(directory: string): Promise<void> {
  await run(["mkdir", "-p", directory]);
  await run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", directory]);
}
