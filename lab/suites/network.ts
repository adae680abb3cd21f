/** What the scenarios about DHCP servers share. */
import { expect } from "vitest";
import { deviceMac, type WanDescription } from "../description.ts";
import type { Device } from "../devices.ts";
import type { GatewayConfig, GatewayDevice } from "../gateway.ts";
import type { DhcpServer, DhcpServerKind } from "../servers/dhcp-server.ts";
import { totalPackets } from "../switch-counters.ts";
import type { Lab } from "../topology.ts";
import { identityOf } from "./names.ts";

/** The gateway's configuration in most scenarios: no waiting for the sake of a real switch. */
export const quick: GatewayConfig = {
  pacing: { profile: "unlimited" },
  dhcpv4: { timeout: 4, retries: 2, retry_delay: 1, failed_retry: 2 },
  dhcpv6: { timeout: 4, retries: 2, retry_delay: 1, failed_retry: 2 },
};

export const registered = (...numbers: readonly number[]): string[] => numbers.map(deviceMac);

export const network = (
  dhcp: DhcpServerKind,
  changes: Partial<WanDescription> = {},
): { wan: WanDescription } => ({
  wan: { dhcp, registered: registered(1, 2, 3), ...changes },
});

export async function startGateway(lab: Lab, changes: GatewayConfig = quick): Promise<void> {
  await lab.gateway.configure(changes);
  const from = lab.gateway.output.length;
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/, { from, timeoutMs: 30_000 });
  if (changes.api?.enabled) await lab.gateway.waitForOutput(/API on /, { from, timeoutMs: 30_000 });
}

export const addDhcpDevice = (lab: Lab, n = 1): Promise<Device> =>
  lab.addDevice({
    name: `d${n}`,
    mac: deviceMac(n),
    address: "dhcp",
    hostName: `host-${n}`,
    vendorClass: "lab device 1.0",
  });

/** Waits until the device has this status; gives what the gateway says of it. */
export function waitForStatus(
  lab: Lab,
  mac: string,
  status: GatewayDevice["status"],
  timeoutMs = 20_000,
): Promise<GatewayDevice> {
  const probe = async (): Promise<GatewayDevice | undefined> =>
    (await lab.gateway.devices()).find((d) => d.mac_address === mac && d.status === status);
  return lab.gateway.waitFor(`${mac} is ${status}`, probe, { timeoutMs, everyMs: 250 });
}

/** Waits until gateway, kernel and the server's own lease file agree on the device's WAN address; gives it. */
export function waitForLease(lab: Lab, mac: string, timeoutMs = 20_000): Promise<string> {
  const probe = async (): Promise<string | undefined> => {
    const device = (await lab.gateway.devices()).find((d) => d.mac_address === mac);
    const ip = device?.status === "active" ? device.ipv4_wan_address : undefined;
    if (!ip || (await identityAddresses(lab, mac)).join() !== ip) return undefined;
    return (await server(lab).leases()).some((l) => l.mac === mac && l.ip === ip) ? ip : undefined;
  };
  return lab.gateway.waitFor(`${mac} is active with a lease`, probe, { timeoutMs, everyMs: 250 });
}

export async function identityAddresses(lab: Lab, mac: string): Promise<readonly string[]> {
  const rows = (await lab.gateway.namespace.ipJson(["-4", "addr", "show"])) as readonly {
    readonly ifname: string;
    readonly addr_info: readonly { readonly local: string }[];
  }[];
  return rows.filter((r) => r.ifname === identityOf(mac)).flatMap((r) => r.addr_info.map((a) => a.local));
}

export function server(lab: Lab): DhcpServer {
  if (!lab.wan.dhcp) throw new Error("this network has no DHCP server");
  return lab.wan.dhcp;
}

/** Nothing of what registered devices sent was dropped, neither for its MAC nor for its source. */
export async function expectNoDrops(lab: Lab): Promise<void> {
  const counters = await lab.wan.firewall.counters();
  expect(totalPackets(counters.seen)).toBeGreaterThan(0);
  expect(Object.fromEntries(counters.unregistered)).toEqual({});
  expect(counters.guardedSources).toEqual([]);
}

/** The device reaches the host beyond the router, which sees the device's own WAN address. */
export async function expectReachesInternet(lab: Lab, device: Device, wanIp: string): Promise<void> {
  const { ip } = lab.wan.internet;
  await lab.gateway.waitFor(`${device.name} reaches ${ip}`, async () =>
    JSON.parse(await device.fetch(`http://${ip}/from-${device.name}`, 3)),
  );
  const seen = lab.wan.internet.services.requests().filter((r) => r.path === `/from-${device.name}`);
  expect(seen.at(-1)?.from).toBe(wanIp);
  expect(await lab.wan.routerArp()).toContainEqual(expect.objectContaining({ ip: wanIp, mac: device.mac }));
}
