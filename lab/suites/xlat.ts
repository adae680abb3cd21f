/** What the scenarios about 464XLAT share. */
import { expect } from "vitest";
import type { Device } from "../devices.ts";
import type { GatewayDevice } from "../gateway.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import type { WanNetwork } from "../wan.ts";

export const nat64Prefix = "2001:db8:64::/96";

/** Waits until the gateway says that the device's IPv4 is translated. */
export function waitForTranslation(lab: Lab, mac: string, timeoutMs = 20_000): Promise<GatewayDevice> {
  const probe = async (): Promise<GatewayDevice | undefined> =>
    (await lab.gateway.devices()).find(
      (d) => d.mac_address === mac && d.status === "active" && d.reason?.includes("464XLAT"),
    );
  return lab.gateway.waitFor(`the IPv4 of ${mac} is translated`, probe, { timeoutMs, everyMs: 200 });
}

/** A page that the host beyond gives the device by IPv4; the host sees an address of the NAT64. */
export async function expectTranslatedPage(
  lab: Lab,
  device: Device,
  wan: WanNetwork = lab.wan,
): Promise<void> {
  const { ip, services } = wan.internet;
  const path = `/from-${device.name}-${wan.name}`;
  await lab.gateway.waitFor(`${device.name} reaches ${ip}`, async () =>
    JSON.parse(await device.fetch(`http://${ip}${path}`, 3)),
  );
  const seen = services.requests().filter((r) => r.path === path);
  expect(seen.at(-1)?.from).toMatch(/^10\.64\./);
}

/** TCP, UDP (one datagram whole, one in fragments) and ping from the device to the host beyond, by IPv4. */
export async function expectTranslated(lab: Lab, device: Device): Promise<void> {
  const { ip } = lab.wan.internet;
  await expectTranslatedPage(lab, device);
  expect(await device.ping(ip, 3)).toBe(true);
  expect(await device.udp(ip, 7, "small")).toEqual(["small"]);
  const long = "x".repeat(3000);
  expect(await device.udp(ip, 7, long)).toEqual([long]);
}

/** The router and nobody else has seen the device's own IPv6 address, behind the device's MAC. */
export async function expectOwnAddress(device: Device, address: string, wan: WanNetwork): Promise<void> {
  const there = (await wan.routerNeighbours6()).filter(({ ip }) => !ip.startsWith("fe80:"));
  expect(there.filter(({ mac }) => mac === device.mac).map(({ ip }) => ip)).toEqual([address]);
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

/** The gateway's own tayga; undefined while it does not run. */
export async function translatorPid(lab: Lab): Promise<number | undefined> {
  const marker = `--config=${lab.gateway.directory}/run/tayga.conf`;
  const { stdout } = await lab.gateway.namespace.run(["pgrep", "-f", "--", marker], { mayFail: true });
  const [pid] = stdout.split("\n").filter(Boolean).map(Number);
  return pid;
}

/** Nothing is left of the translating: no process, no interface, no ways. */
export async function expectNoTranslator(lab: Lab): Promise<void> {
  await waitFor("the translator is gone", async () => {
    const links = (await lab.gateway.namespace.ipJson(["link", "show"])) as readonly { ifname: string }[];
    const gone = links.every(({ ifname }) => ifname !== "xlat464");
    return gone && (await translatorPid(lab)) === undefined;
  });
  const ways = await lab.gateway.namespace.run(["ip", "-6", "route", "show", "table", "all"]);
  expect(ways.stdout).not.toContain("fd2c:81a7:464");
}
