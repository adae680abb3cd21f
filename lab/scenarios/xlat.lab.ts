/** Networks that have only IPv6: the devices' IPv4 goes by 464XLAT, each under its own identity's IPv6 address. */
import { expect } from "vitest";
import { standardPrefix } from "../description6.ts";
import { scenario } from "../scenario.ts";
import { addDhcpDevice, expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import { expectTranslated, hops, nat64Prefix, waitForTranslation } from "../suites/xlat.ts";

const prefix = standardPrefix("a");
const ipv6Only = { ipv4: false, registered: registered(1, 2), clients: 0 } as const;

scenario(
  "told by routers (PREF64): TCP, UDP, ping and traceroute reach a host that has only IPv4",
  { wan: { ...ipv6Only, ipv6: { nat64: nat64Prefix, pref64: nat64Prefix } } },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab, 1);
    const lanIp = await device.waitForIp();
    const told = await waitForTranslation(lab, device.mac);
    expect(told.reason).toBe(`its IPv4 goes by 464XLAT (NAT64 ${nat64Prefix})`);
    await expectTranslated(lab, device);
    expect(await hops(device, lab.wan.internet.ip)).toEqual(["192.168.1.1", "192.0.0.2"]);
    expect(lanIp).toMatch(/^192\.168\.1\./);
    const own = slaacAddress(prefix, device.mac);
    expect(await lab.wan.routerNeighbours6()).toContainEqual(
      expect.objectContaining({ ip: own, mac: device.mac }),
    );
    await expectNoDrops(lab);
  },
);
