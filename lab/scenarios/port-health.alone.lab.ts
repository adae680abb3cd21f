/** A switch port that admits so many MACs only, or that was shut: said in `gateway status`, and of no healthy one. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { burstConfig, burstMacs, burstNetwork } from "../suites/burst.ts";
import { badChecks, diagnose } from "../suites/diagnose.ts";
import { expectNoProblem, expectProblem, flowing, look } from "../suites/links.ts";
import { startGateway } from "../suites/network.ts";
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";

const config = {
  ...burstConfig,
  discovery: { ...burstConfig.discovery, poll_interval: 2 },
  dhcpv4: { timeout: 4, retries: 2, retry_delay: 1, failed_retry: 5 },
};
const macs = burstMacs(40);

async function addDevices(lab: Lab, perSecond: number): Promise<void> {
  const simulator = await lab.addSimulator();
  const firstMac = macs[0] ?? "";
  await simulator.start({ count: 40, firstMac, perSecond, addressing: { kind: "dhcp" }, hostName: "sim" });
}

const waitForActive = (lab: Lab, count: number): Promise<unknown> =>
  lab.gateway.waitFor(
    `${count} devices are active`,
    async () => (await lab.gateway.devices()).filter(({ status }) => status === "active").length === count,
    { timeoutMs: 60_000, everyMs: 500 },
  );

const waitForStatus = (lab: Lab, sentence: RegExp): Promise<unknown> =>
  lab.gateway.waitFor(
    `status says ${sentence}`,
    async () => sentence.test(flowing((await look(lab)).status)),
    { timeoutMs: 80_000, everyMs: 1000 },
  );

scenario(
  "a port that admits 25 of 40 MACs: status names the limit, and no more once all are admitted",
  burstNetwork("kea", 25),
  async (lab) => {
    await startGateway(lab, config);
    await addDevices(lab, 10);
    await waitForActive(lab, 25);
    const limit = /25 devices are answered, and none of the 15 that came after them: .*port security limit/;
    await waitForStatus(lab, limit);
    await expectProblem(lab, limit);
    expect(badChecks(await diagnose(lab))).toContain("port-security");
    await lab.wan.firewall.register(...macs);
    await waitForActive(lab, 40);
    await sleep(3000);
    await expectNoProblem(lab);
  },
  // What a MAC says before the switch has learnt its addresses anew.
  { guardDrops: "allowed" },
);

scenario(
  "a dead DHCP server, and a few MACs that are not registered: status speaks of no limit",
  {
    ...burstNetwork("kea", 40),
    wan: { ...burstNetwork("kea", 40).wan, registered: macs.filter((_, n) => n % 8 !== 5) },
  },
  async (lab) => {
    await startGateway(lab, config);
    await addDevices(lab, 5);
    await lab.gateway.waitFor("half of them are active", async () => {
      const active = (await lab.gateway.devices()).filter(({ status }) => status === "active");
      return active.length >= 20;
    });
    await lab.wan.dhcp?.stop();
    await sleep(35_000);
    await expectNoProblem(lab);
  },
);

scenario(
  "a port that lets nothing through right after a burst: status says that the switch shut it, until somebody is heard",
  burstNetwork("kea", 40),
  async (lab) => {
    await startGateway(lab, config);
    await addDevices(lab, 100);
    await waitForActive(lab, 40);
    await expectNoProblem(lab);
    // All verify their leases at once; then the switch has seen enough.
    const { firewall } = lab.wan;
    const from = lab.gateway.output.length;
    await firewall.setPort("gateway", "down");
    await sleep(300);
    await firewall.setPort("gateway", "up");
    await lab.gateway.waitForOutput(/DHCPv4 obtained for .* how=init-reboot/, { from });
    for (const port of ["gateway", "router", "client1"]) await firewall.addFault(`iifname "${port}"`);
    const at = performance.now();
    await waitForStatus(lab, /right after \d+ frames of ours within a second: .*err-disabled/);
    expect(badChecks(await diagnose(lab))).toContain("port-shut");
    lab.notes.push(`said after ${((performance.now() - at) / 1000).toFixed(0)} s`);
    await firewall.clearFaults();
    await lab.gateway.waitFor(
      "nothing is wrong any more",
      async () => ((await look(lab)).status.includes("Problems") ? undefined : true),
      { timeoutMs: 60_000, everyMs: 1000 },
    );
  },
  { guardDrops: "allowed" },
);
