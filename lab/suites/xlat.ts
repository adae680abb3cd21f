/** What the scenarios about 464XLAT share. */
import { expect } from "vitest";
import type { Device } from "../devices.ts";
import type { GatewayDevice } from "../gateway.ts";
import type { Lab } from "../topology.ts";

export const nat64Prefix = "2001:db8:64::/96";

/** Waits until the gateway says that the device's IPv4 is translated. */
export function waitForTranslation(lab: Lab, mac: string, timeoutMs = 20_000): Promise<GatewayDevice> {
  const probe = async (): Promise<GatewayDevice | undefined> =>
    (await lab.gateway.devices()).find(
      (d) => d.mac_address === mac && d.status === "active" && d.reason?.includes("464XLAT"),
    );
  return lab.gateway.waitFor(`the IPv4 of ${mac} is translated`, probe, { timeoutMs, everyMs: 200 });
}

/** TCP, UDP (a single datagram, and one in fragments) and ping from the device to the host beyond, by IPv4. */
export async function expectTranslated(lab: Lab, device: Device): Promise<void> {
  const { ip, services } = lab.wan.internet;
  const path = `/from-${device.name}`;
  await lab.gateway.waitFor(`${device.name} reaches ${ip}`, async () =>
    JSON.parse(await device.fetch(`http://${ip}${path}`, 3)),
  );
  expect(
    services
      .requests()
      .filter((r) => r.path === path)
      .at(-1)?.from,
  ).toMatch(/^10\.64\./);
  expect(await device.ping(ip, 3)).toBe(true);
  expect(await device.udp(ip, 7, "small")).toEqual(["small"]);
  const long = "x".repeat(3000);
  expect(await device.udp(ip, 7, long)).toEqual([long]);
}

/** The routers on the way to a host, as the device is told of them; `*` for one that says nothing. */
export async function hops(device: Device, ip: string): Promise<readonly string[]> {
  const argv = ["busybox", "traceroute", "-n", "-q", "1", "-w", "1", "-m", "12", ip];
  const { stdout } = await device.namespace.run(argv, { mayFail: true, timeoutMs: 20_000 });
  return stdout
    .split("\n")
    .filter((line) => /^ *\d+ /.test(line))
    .map((line) => line.trim().split(/ +/)[1] ?? "");
}
