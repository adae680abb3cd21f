import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { burst, burstConfig, burstIpv6, burstMacs, burstNetwork } from "../suites/burst.ts";
import { expectNoDrops, server, startGateway } from "../suites/network.ts";
import { expectSpeaks6, identityAddresses6 } from "../suites/network6.ts";

const count = 300;

scenario(
  `${count} devices at once: all leased and installed, no process a device`,
  burstNetwork("kea", count),
  async (lab) => {
    await startGateway(lab, burstConfig);
    const figures = await burst(lab, count);
    const leases = await server(lab).leases();
    expect(leases.map((l) => l.mac).sort()).toEqual(burstMacs(count).sort());
    expect(figures.started).toBeLessThan(count / 2);
    lab.notes.push(`installed after ${figures.installedSeconds.toFixed(2)} s`);
    // An address is there before what leads to it.
    await lab.gateway.waitFor("all are active", async () =>
      (await lab.gateway.devices()).every(({ status }) => status === "active"),
    );
    const [simulator] = lab.simulators;
    // A device is known, and served, before it has its address on the LAN.
    await simulator?.waitForAll();
    const traffic = await simulator?.traffic({
      kind: "ping",
      to: lab.wan.internet.ip,
      count: 2,
      perSecond: 400,
    });
    expect(traffic).toEqual({ sent: 2 * count, answered: 2 * count, missing: [] });
    await expectNoDrops(lab);
  },
);

scenario(
  `${count} devices at once on a dual-stack network: leased, formed and leased again, no process a device`,
  burstNetwork("kea", count, burstIpv6),
  async (lab) => {
    await startGateway(lab, burstConfig);
    const figures = await burst(lab, count);
    const [leases, leases6 = []] = await Promise.all([server(lab).leases(), lab.wan.dhcp6?.leases()]);
    expect(leases.map((l) => l.mac).sort()).toEqual(burstMacs(count).sort());
    expect(leases6.map((l) => l.mac ?? l.duid).sort()).toEqual(burstMacs(count).sort());
    expect(figures.started).toBeLessThan(count / 2);
    lab.notes.push(
      `installed after ${figures.installedSeconds.toFixed(2)} s, by SLAAC ${figures.ipv6?.slaacSeconds.toFixed(2)} s, by DHCPv6 ${figures.ipv6?.leasedSeconds.toFixed(2)} s`,
    );
    for (const mac of burstMacs(count).slice(-2))
      for (const address of await identityAddresses6(lab, mac))
        await expectSpeaks6(lab, lab.wan, mac, address);
    await expectNoDrops(lab);
  },
);
