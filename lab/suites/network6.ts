/** What the scenarios about IPv6 share. */
import { expect } from "vitest";
import { eui64Address, type Ip6 } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import type { GatewayConfig, GatewayDevice } from "../gateway.ts";
import type { Lab } from "../topology.ts";
import type { WanNetwork } from "../wan.ts";
import { identityOf } from "./names.ts";
import { quick } from "./network.ts";
import { bracketed } from "./reach.ts";

/** No waiting for a network to settle. */
export const quick6: GatewayConfig = {
  ...quick,
  wan: { change_delay: 2, monitor_interval: 5 },
};

interface Shown6 {
  readonly ifname: string;
  readonly addr_info: readonly {
    readonly local: string;
    readonly scope: string;
    readonly tentative?: boolean;
    readonly deprecated?: boolean;
    readonly dadfailed?: boolean;
  }[];
}

/** The addresses beyond the link that the kernel has on an identity, through DAD. */
export async function identityAddresses6(lab: Lab, mac: string): Promise<readonly string[]> {
  const rows = (await lab.gateway.namespace.ipJson(["-6", "addr", "show"])) as readonly Shown6[];
  return rows
    .filter((r) => r.ifname === identityOf(mac))
    .flatMap((r) => r.addr_info.filter((a) => a.scope === "global" && !a.tentative && !a.dadfailed))
    .map((a) => a.local)
    .sort();
}

/** The address that SLAAC gives the device in a /64. */
export const slaacAddress = (prefix: string, mac: string): string =>
  eui64Address(prefix.split("/")[0] as Ip6, mac as Mac);

/** Waits until gateway and kernel agree that the device is active with exactly these addresses. */
export function waitForIpv6(
  lab: Lab,
  mac: string,
  wanted: readonly string[] | ((addresses: readonly string[]) => boolean),
  timeoutMs = 20_000,
): Promise<GatewayDevice> {
  const good =
    typeof wanted === "function"
      ? wanted
      : (there: readonly string[]) => there.join() === [...wanted].sort().join();
  const probe = async (): Promise<GatewayDevice | undefined> => {
    const device = (await lab.gateway.devices()).find((d) => d.mac_address === mac);
    if (device?.status !== "active") return undefined;
    const told = (device.ipv6_address ?? "").split(",").filter(Boolean).sort();
    const there = await identityAddresses6(lab, mac);
    return good(told) && good(there) ? device : undefined;
  };
  return lab.gateway.waitFor(`${mac} is active with IPv6 ${wanted}`, probe, { timeoutMs, everyMs: 200 });
}

/** A page and an echo from one address of an identity: the server sees that address, the router the device's MAC behind it. */
export async function expectSpeaks6(lab: Lab, wan: WanNetwork, mac: string, address: string): Promise<void> {
  const path = `/from-${mac}-${address}`;
  const url = `http://[${wan.internet.ip6}]${path}`;
  const argv = ["curl", "-gsS", "--fail", "--max-time", "3", "--interface", address, url];
  await lab.gateway.waitFor(`${address} reaches ${wan.internet.ip6}`, async () =>
    JSON.parse((await lab.gateway.namespace.run(argv)).stdout),
  );
  const seen = wan.internet.services.requests().filter((r) => r.path === path);
  expect(seen.at(-1)?.from).toBe(address);
  const ping = ["ping", "-6", "-n", "-c", "2", "-i", "0.2", "-W", "1", "-I", address, wan.internet.ip6];
  expect((await lab.gateway.namespace.run(ping, { mayFail: true })).code).toBe(0);
  expect(await wan.routerNeighbours6()).toContainEqual(expect.objectContaining({ ip: address, mac }));
}

/** The network reaches the address under the device's MAC. */
export async function expectReachable6(wan: WanNetwork, mac: string, address: string): Promise<void> {
  expect(await wan.asks6(address)).toBe(mac);
}

/** The gateway itself resolves a name and fetches a page, whose server sees one of `sources`. */
export async function expectGatewaySpeaks(lab: Lab, sources: readonly string[]): Promise<void> {
  const { namespace } = lab.gateway;
  const ip = await lab.gateway.waitFor("the gateway resolves www.lab.example", async () => {
    const type = sources.some((ip) => !ip.includes(":")) ? "a" : "aaaa";
    const argv = [
      "busybox",
      "nslookup",
      `-type=${type}`,
      "www.lab.example",
      lab.gateway.lanAddress.split("/")[0] ?? "",
    ];
    const { stdout } = await namespace.run(argv, { mayFail: true });
    const [, answer = ""] = stdout.split("www.lab.example");
    return /Address:\s*(\S+)/.exec(answer)?.[1];
  });
  const page = await lab.gateway.waitFor("the gateway fetches a page", async () =>
    JSON.parse(
      (await namespace.run(["curl", "-gsS", "--max-time", "3", `http://${bracketed(ip)}/own`])).stdout,
    ),
  );
  expect(sources).toContain(page.client);
}
