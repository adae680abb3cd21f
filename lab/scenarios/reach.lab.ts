/** From outside each device is reached at its own addresses, and nothing else is. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { startServices } from "../services.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import {
  addServingDevice,
  automatic,
  bannerAt,
  expectOnly,
  openPorts,
  pageAt,
  waitForAddresses,
  waitForPage,
} from "../suites/reach.ts";
import type { WanHost } from "../wan-host.ts";

const wan = {
  ipv6: {},
  registered: registered(1, 2, 3),
  clients: ["ipv4", "ipv6", "dual"] as const,
};

for (const backend of ["haproxy", "socat"] as const)
  scenario(`three devices on the same ports at once, by ${backend}`, { wan }, async (lab) => {
    await startGateway(lab, { ...quick6, proxy: { backend } });
    const devices = await Promise.all([
      addServingDevice(lab, 1, { web: [80], banner: [23] }),
      addServingDevice(lab, 2, { web: [80], banner: [23] }),
      addServingDevice(lab, 3, { web: [5000], banner: [23] }),
    ]);
    const reached = await Promise.all(devices.map((d) => waitForAddresses(lab, d, { four: 1, six: 1 })));
    const [four, six, dual] = lab.wan.clients as readonly [WanHost, WanHost, WanHost];
    for (const { device, addresses4, addresses6 } of reached) {
      for (const ip of addresses4) await waitForPage(lab, four, ip, 8080, device.name);
      for (const ip of addresses6) await waitForPage(lab, six, ip, 8080, device.name);
    }
    await Promise.all(
      reached.flatMap(({ device, addresses4, addresses6 }) => {
        const web = device.name === "d3" ? [8080] : [8080, 80];
        const from = [
          ...addresses4.flatMap((ip) => [four, dual].map((client) => ({ client, ip }))),
          ...addresses6.flatMap((ip) => [six, dual].map((client) => ({ client, ip }))),
        ];
        return from.flatMap(({ client, ip }) => [
          ...web.map(async (port) => expect(await pageAt(client, ip, port)).toBe(device.name)),
          ...[2323, 23].map(async (port) => expect(await bannerAt(client, ip, port)).toContain(device.name)),
        ]);
      }),
    );
  });

scenario("a scan of all ports finds the forwards and nothing of the gateway's own", { wan }, async (lab) => {
  await startServices(lab.gateway.namespace, "the-gateway-host", { web: [22, 80, 5050, 8081, 9999] });
  await startGateway(lab, quick6);
  const device = await addServingDevice(lab, 1, { web: [80], banner: [23] });
  const { addresses4, addresses6 } = await waitForAddresses(lab, device, { four: 1, six: 1 });
  const dual = lab.wan.clients[2] as WanHost;
  const [ip4 = "", ip6 = ""] = [...addresses4, ...addresses6];
  await waitForPage(lab, dual, ip6, 8080, device.name);
  const linkLocal = "fe80::200:5eff:fe00:5301";
  const found = await openPorts(dual, [ip4, ip6, linkLocal]);
  // By IPv4 the device itself refuses what it has closed; the proxy takes a connection before it asks the device.
  expectOnly(found, [
    ...[23, 80, 2323, 8080].map((port) => `${ip4}/${port}`),
    ...automatic.map((port) => `${ip6}/${port}`),
  ]);
  for (const ip of [ip4, ip6]) expect(await pageAt(dual, ip, 80)).toBe(device.name);
  await expect(pageAt(dual, ip6, 22)).rejects.toThrow();
});
