/** How leases live, are renewed, refused and end: the same against each DHCP server. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import type { DhcpServerKind } from "../servers/dhcp-server.ts";
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  identityAddresses,
  network,
  quick,
  server,
  startGateway,
  waitForLease,
} from "./network.ts";

/** dnsmasq grants no less than 120 s. */
const shortLease: Readonly<Record<DhcpServerKind, number>> = { dnsmasq: 120, kea: 24, dhcpd: 24 };

export function leaseScenarios(dhcp: DhcpServerKind): void {
  const leaseSeconds = shortLease[dhcp];
  const short = {
    dhcpOptions: { leaseSeconds, t1Seconds: 6, t2Seconds: 12 },
    bindingSeconds: "forever" as const,
  };

  scenario(
    `${dhcp}: a lease is renewed at T1 by unicast, again and again`,
    network(dhcp, short),
    async (lab) => {
      await startGateway(lab);
      const device = await addDhcpDevice(lab, 1);
      const ip = await waitForLease(lab, device.mac);
      const expiry = async (): Promise<number> =>
        (await server(lab).leases())
          .filter((l) => l.ip === ip)
          .reduce((max, l) => Math.max(max, l.expires ?? 0), 0);
      const before = await expiry();
      const capture = await lab.capture("wan", "renewals", ["udp", "port", "67"]);
      const already = renewals(lab.gateway.output, "renew").length;
      for (let n = already + 1; n <= already + 3; n++) {
        await lab.gateway.waitFor(`renewal ${n}`, () => renewals(lab.gateway.output, "renew").length >= n, {
          timeoutMs: 15_000,
        });
      }
      await capture.stop();
      expect(renewals(lab.gateway.output, "rebind")).toEqual([]);
      await lab.gateway.waitFor(
        "the server has extended the lease",
        async () => (await expiry()) >= before + 10,
      );
      const requests = await capture.lines(["ether", "src", device.mac]);
      expect(requests.length).toBeGreaterThanOrEqual(3);
      for (const line of requests) expect(line).toContain(`${ip}.68 > ${lab.wan.routerIp}.67`);
      expect(await identityAddresses(lab, device.mac)).toEqual([ip]);
      await expectReachesInternet(lab, device, ip);
      await expectNoDrops(lab);
    },
  );

  scenario(
    `${dhcp}: silent from T1 on, the server is back before expiry: rebound, nothing lost`,
    network(dhcp, short),
    async (lab) => {
      await startGateway(lab);
      const device = await addDhcpDevice(lab, 1);
      const ip = await waitForLease(lab, device.mac);
      await server(lab).stop("SIGKILL");
      const from = lab.gateway.output.length;
      // Past T2, so that only a broadcast of REBINDING can bring the lease back.
      await sleep(13_000);
      expect(await identityAddresses(lab, device.mac)).toEqual([ip]);
      await server(lab).start();
      await lab.gateway.waitForOutput(/DHCPv4 renewed .*how=rebind/, {
        from,
        timeoutMs: leaseSeconds * 1000,
      });
      expect(lab.gateway.output.slice(from).filter((line) => /DHCPv4 lost/.test(line))).toEqual([]);
      expect(await waitForLease(lab, device.mac)).toBe(ip);
      await expectReachesInternet(lab, device, ip);
    },
  );

  scenario(
    `${dhcp}: gone past expiry, the address goes too; the server's return brings one back`,
    network(dhcp, short),
    async (lab) => {
      await startGateway(lab);
      const device = await addDhcpDevice(lab, 1);
      const ip = await waitForLease(lab, device.mac);
      await server(lab).stop("SIGKILL");
      await lab.gateway.waitForOutput(/DHCPv4 lost .*lease ended/, { timeoutMs: (leaseSeconds + 10) * 1000 });
      await lab.gateway.waitFor(
        `${ip} leaves the identity`,
        async () => (await identityAddresses(lab, device.mac)).length === 0,
      );
      expect(await device.ping(lab.wan.internet.ip)).toBe(false);
      await server(lab).start();
      const again = await waitForLease(lab, device.mac, 60_000);
      await expectReachesInternet(lab, device, again);
      await expectNoDrops(lab);
    },
    { timeoutMs: 300_000 },
  );

  scenario(
    `${dhcp}: the pool moved to other addresses: NAK, and a new address at once`,
    network(dhcp, short),
    async (lab) => {
      await startGateway(lab, { ...quick, wan: { change_delay: 1 } });
      const device = await addDhcpDevice(lab, 1);
      const ip = await waitForLease(lab, device.mac);
      await moveNetwork(lab);
      // The cable of the switch that was renumbered: what is out and in again is verified by INIT-REBOOT.
      await lab.wan.firewall.setPort("gateway", "down");
      await lab.gateway.waitForOutput(/WAN link is down/);
      await lab.wan.firewall.setPort("gateway", "up");
      await lab.gateway.waitForOutput(/DHCPv4 lost .*NAK/, { timeoutMs: 40_000 });
      const moved = await waitForLease(lab, device.mac, 40_000);
      expect(moved).not.toBe(ip);
      expect(moved).toMatch(/^192\.0\.2\.1\d\d$/);
      await expectReachesInternet(lab, device, moved);
      await expectNoDrops(lab);
    },
  );
}

/** The network gets another subnet: router, pool and all. */
async function moveNetwork(lab: Lab): Promise<void> {
  await lab.wan.router.ip(["addr add 192.0.2.1/24 dev wan", "addr delete 198.51.100.1/24 dev wan"]);
  await server(lab).restart(
    {
      subnet: "192.0.2.0/24",
      poolStart: "192.0.2.100",
      poolEnd: "192.0.2.199",
      router: "192.0.2.1",
      dns: ["192.0.2.1"],
    },
    { forgetLeases: true },
  );
}

const renewals = (output: readonly string[], how: string): string[] =>
  output.filter((line) => new RegExp(`DHCPv4 renewed .*how=${how}`).test(line));
