/** What the scenarios about devices that are open as a whole share. */
import type { RunResult } from "../exec.ts";
import type { ServiceOptions } from "../services.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";
import { apiConfig } from "./api.ts";
import { startGateway } from "./network.ts";
import { quick6 } from "./network6.ts";
import { addServingDevice, bracketed, type ReachedDevice, waitForAddresses } from "./reach.ts";

/** The gateway, and devices 1 and 2 with these services, each with an address of every family the network has. */
export async function startTwo(
  lab: Lab,
  services: ServiceOptions,
  count = { four: 1, six: 1 },
): Promise<readonly [ReachedDevice, ReachedDevice]> {
  await startGateway(lab, { ...quick6, ...apiConfig });
  const [one, two] = await Promise.all([1, 2].map((n) => addServingDevice(lab, n, services)));
  if (!one || !two) throw new Error("no devices");
  return [await waitForAddresses(lab, one, count), await waitForAddresses(lab, two, count)];
}

export const enable = (lab: Lab, ip: string, ...from: readonly string[]): Promise<RunResult> =>
  lab.gateway.command(["ipv6-forward", "enable", ip, ...from.flatMap((net) => ["--from", net])]);

export const disable = (lab: Lab, ip: string): Promise<RunResult> =>
  lab.gateway.command(["ipv6-forward", "disable", ip]);

export const waitUntilOpen = (lab: Lab, client: WanHost, ip: string): Promise<unknown> =>
  lab.gateway.waitFor(`${ip} answers ${client.name}`, () => client.ping(ip), { everyMs: 250 });

export const waitUntilClosed = (lab: Lab, client: WanHost, ip: string): Promise<unknown> =>
  lab.gateway.waitFor(`${ip} does not answer ${client.name}`, async () => !(await client.ping(ip)));

/** What came back of a datagram to an echo service. */
export async function echoed({ namespace }: WanHost, ip: string, text: string, port = 7): Promise<string> {
  const to = `UDP${ip.includes(":") ? 6 : 4}:${bracketed(ip)}:${port}`;
  const argv = ["busybox", "timeout", "3", "socat", "-t", "1", "-", to];
  return (await namespace.run(argv, { input: text, mayFail: true })).stdout;
}
