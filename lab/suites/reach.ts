/** What the scenarios about reaching devices from outside share. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import type { Device } from "../devices.ts";
import { scan } from "../scan.ts";
import type { ServiceOptions } from "../services.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

export interface ReachedDevice {
  readonly device: Device;
  readonly addresses4: readonly string[];
  readonly addresses6: readonly string[];
}

/** WAN ports that lead to each device unless told otherwise. */
export const automatic = [22, 23, 80, 443, 2222, 2323, 3389, 5900, 8080, 8443];
/** Those that answer where a device has its web and telnet ports open. By IPv4 the device itself refuses what it has closed; the proxy takes a connection before it asks the device. */
export const serving = [23, 80, 2323, 8080];

export const addServingDevice = (lab: Lab, n: number, services: ServiceOptions): Promise<Device> =>
  lab.addDevice({ name: `d${n}`, mac: deviceMac(n), address: "dhcp", hostName: `host-${n}`, services });

/** What the gateway says that the device has, once it is complete. */
export function waitForAddresses(
  lab: Lab,
  device: Device,
  count: { four: number; six: number },
): Promise<ReachedDevice> {
  return lab.gateway.waitFor(
    `${device.name} has ${count.four} IPv4 and ${count.six} IPv6 addresses`,
    async () => {
      const told = (await lab.gateway.devices()).find((d) => d.mac_address === device.mac);
      const addresses4 = told?.ipv4_wan_address ? [told.ipv4_wan_address] : [];
      const addresses6 = (told?.ipv6_address ?? "").split(",").filter(Boolean);
      const complete = addresses4.length === count.four && addresses6.length === count.six;
      return told?.status === "active" && complete ? { device, addresses4, addresses6 } : undefined;
    },
    { timeoutMs: 30_000, everyMs: 250 },
  );
}

/** An address as it stands in a URL. */
export const bracketed = (ip: string): string => (ip.includes(":") ? `[${ip}]` : ip);

/** Which host's page is at an address and port. */
export async function pageAt(from: WanHost, ip: string, port: number, seconds = 4): Promise<string> {
  const page = await from.fetch(`http://${bracketed(ip)}:${port}/`, seconds);
  return (JSON.parse(page) as { readonly server: string }).server;
}

/** The first line that a connection gets. */
export async function bannerAt(from: WanHost, ip: string, port: number): Promise<string> {
  const address = ip.includes(":") ? `TCP6:[${ip}]:${port}` : `TCP4:${ip}:${port}`;
  const argv = ["timeout", "3", "socat", "-T", "1", "-u", `${address},connect-timeout=2`, "-"];
  const { stdout } = await from.namespace.run(argv, { mayFail: true });
  return stdout.split("\n")[0]?.trim() ?? "";
}

/** Waits for the way to a device's page, which a proxy may learn of a moment later than `gateway devices` tells. */
export function waitForPage(
  lab: Lab,
  from: WanHost,
  ip: string,
  port: number,
  name: string,
): Promise<unknown> {
  return lab.gateway.waitFor(
    `the page of ${name} at ${ip}:${port}`,
    async () => (await pageAt(from, ip, port)) === name,
    {
      timeoutMs: 15_000,
      everyMs: 250,
    },
  );
}

/** Open ports among those given, as `address/port`. */
export async function openPorts(
  from: WanHost,
  addresses: readonly string[],
  ports?: string,
): Promise<readonly string[]> {
  const found = [];
  for (const isSix of [false, true])
    for (const linkLocal of [false, true]) {
      const some = addresses.filter((a) => a.includes(":") === isSix && a.startsWith("fe80:") === linkLocal);
      const options = { ...(ports ? { ports } : {}), ...(linkLocal ? { ifname: "eth0" } : {}) };
      found.push(...(await scan(from.namespace, some, options)));
    }
  return found
    .filter(({ state }) => state === "open")
    .map(({ address, port }) => `${address}/${port}`)
    .sort();
}

export const expectOnly = (found: readonly string[], wanted: readonly string[]): void =>
  expect(found).toEqual([...wanted].sort());
