/** The cable moves between networks that have one family, the other, or both. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import type { GatewayDevice } from "../gateway.ts";
import { scenario } from "../scenario.ts";
import { expectNoProblem, look, statusFact, waitForAll } from "../suites/links.ts";
import { addDhcpDevice, registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { sleep } from "../wait.ts";

scenario(
  "from dual-stack to IPv4 alone, to IPv6 alone and back: what there is is used, what is missing is nobody's failure",
  { wan: { registered: registered(1, 2), ipv6: { dhcp6: "kea" } } },
  async (lab) => {
    const macs = [1, 2].map(deviceMac);
    const four = await lab.addWan({
      name: "b",
      subnet: "192.0.2.0/24",
      registered: macs,
      routerMac: "00:00:5e:00:53:fb",
    });
    const six = await lab.addWan({
      name: "c",
      ipv4: false,
      registered: macs,
      routerMac: "00:00:5e:00:53:fc",
      ipv6: {},
    });
    const impatient = { timeout: 2, retries: 1, retry_delay: 1, failed_retry: 2 };
    await startGateway(lab, { ...quick6, dhcpv4: impatient, dhcpv6: impatient });
    for (const n of [1, 2]) await addDhcpDevice(lab, n);
    await waitForAll(lab, macs);
    const expectNetwork = async (network: string, has: (d: GatewayDevice) => boolean): Promise<void> => {
      const movedAt = performance.now();
      await lab.gateway.waitFor(
        `${network}, and all devices have that`,
        async () =>
          (await lab.gateway.devices()).every(has) && statusFact(await look(lab), "network") === network,
        { timeoutMs: 40_000, everyMs: 250 },
      );
      lab.notes.push(`${network}: ${((performance.now() - movedAt) / 1000).toFixed(1)} s after the move`);
      for (const device of await lab.gateway.devices())
        expect(device).toMatchObject({ status: "active", reason: null });
      await expectNoProblem(lab);
    };
    const has4 = (d: GatewayDevice, start: string): boolean => d.ipv4_wan_address?.startsWith(start) === true;
    // The announcement that follows a new lease by two seconds is past.
    await sleep(2500);
    await lab.moveCable(lab.wan, four);
    await expectNetwork("IPv4 by DHCP, no IPv6", (d) => has4(d, "192.0.2.") && !d.ipv6_address);
    // Until that change is over: then there is no IPv6 router of before to compare with.
    await sleep(5000);
    await lab.moveCable(four, six);
    await expectNetwork(
      "no IPv4, IPv6 by SLAAC (2001:db8:c::/64)",
      (d) => !d.ipv4_wan_address && /^2001:db8:c:[^,]*$/.test(d.ipv6_address ?? ""),
    );
    await lab.moveCable(six, lab.wan);
    await expectNetwork(
      "IPv4 by DHCP, IPv6 by SLAAC (2001:db8:a::/64) and stateful DHCPv6",
      (d) => has4(d, "198.51.100.") && /^2001:db8:a:[^,]*,2001:db8:a:[^,]*$/.test(d.ipv6_address ?? ""),
    );
    expect(lab.gateway.output.join("\n")).not.toMatch(/ failed: /);
  },
);
