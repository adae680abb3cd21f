import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { leaseScenarios } from "../suites/dhcp-leases.ts";
import {
  addDhcpDevice,
  expectReachesInternet,
  network,
  server,
  startGateway,
  waitForLease,
} from "../suites/network.ts";

leaseScenarios("dnsmasq");

const short = {
  dhcpOptions: { leaseSeconds: 120, t1Seconds: 6, t2Seconds: 12 },
  bindingSeconds: "forever" as const,
};

// Kea and dhcpd stay silent in this case; an authoritative dnsmasq says NAK to the renewal itself.
scenario(
  "dnsmasq: a renewal is refused by NAK, and a new address taken at once",
  network("dnsmasq", short),
  async (lab) => {
    await startGateway(lab);
    const device = await addDhcpDevice(lab, 1);
    await waitForLease(lab, device.mac);
    await server(lab).restart(
      { poolStart: "198.51.100.210", poolEnd: "198.51.100.220" },
      { forgetLeases: true },
    );
    await lab.gateway.waitForOutput(/DHCPv4 lost .*NAK/, { timeoutMs: 20_000 });
    const moved = await waitForLease(lab, device.mac);
    expect(moved).toMatch(/^198\.51\.100\.2[12]\d$/);
    await expectReachesInternet(lab, device, moved);
  },
);
