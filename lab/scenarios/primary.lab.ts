/** A WAN port that is a host of its own stands for one device, and opens nothing else. */
import { expect } from "vitest";
import { standardMacs } from "../description.ts";
import type { Device } from "../devices.ts";
import { scenario } from "../scenario.ts";
import { startServices } from "../services.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import {
  addServingDevice,
  automatic,
  bannerAt,
  expectOnly,
  openPorts,
  pageAt,
  serving,
  waitForAddresses,
  waitForPage,
} from "../suites/reach.ts";
import type { WanHost } from "../wan-host.ts";

const own4 = "198.51.100.20";
const own6 = slaacAddress("2001:db8:a::/64", standardMacs.gatewayWan);
const linkLocal = slaacAddress("fe80::/64", standardMacs.gatewayWan);

scenario(
  "own_mac = use: the port's own addresses lead to the primary device, and to nothing of the gateway's",
  {
    wan: {
      ...{ ipv6: {}, registered: [...registered(1, 2), standardMacs.gatewayWan] },
      ...{ clients: ["dual"] as const, sourceGuard: false },
    },
  },
  async (lab) => {
    const { namespace } = lab.gateway;
    await namespace.sysctl({ "net/ipv6/conf/eth0/disable_ipv6": 0, "net/ipv6/conf/eth0/accept_ra": 2 });
    await namespace.ip([`addr add ${own4}/24 dev eth0`, "link set eth0 up"]);
    await startServices(namespace, "the-gateway-host", { web: [22, 80, 5050, 8081, 9999] });
    const config = { ...quick6, wan: { ...quick6.wan, own_mac: "use" } };
    await startGateway(lab, config);
    const client = lab.wan.clients[0] as WanHost;
    const first = await addServingDevice(lab, 1, { web: [80], banner: [23] });
    await waitForAddresses(lab, first, { four: 1, six: 1 });
    const second = await addServingDevice(lab, 2, { web: [80], banner: [23] });
    const reached = await waitForAddresses(lab, second, { four: 1, six: 1 });
    const isReached = async (device: Device): Promise<void> => {
      for (const ip of [own4, own6]) {
        for (const port of [8080, 80]) await waitForPage(lab, client, ip, port, device.name);
        expect(await bannerAt(client, ip, 2323)).toContain(device.name);
      }
    };
    await isReached(first);
    expectOnly(await openPorts(client, [own4, own6, linkLocal]), [
      ...serving.map((port) => `${own4}/${port}`),
      ...automatic.map((port) => `${own6}/${port}`),
    ]);

    await lab.gateway.stop();
    await startGateway(lab, { ...config, forwards: { primary: second.mac } });
    await isReached(second);

    await lab.gateway.stop();
    await startGateway(lab, { ...config, forwards: { primary: "none" } });
    for (const ip of [...reached.addresses4, ...reached.addresses6])
      expect(await pageAt(client, ip, 8080)).toBe(second.name);
    await lab.gateway.waitFor("nothing is open at the port's own addresses", async () => {
      const found = await openPorts(client, [own4, own6, linkLocal], "1-10000");
      return found.length === 0;
    });
  },
  { ownMac: "use" },
);
