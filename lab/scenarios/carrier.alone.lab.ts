import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { burst, burstConfig, burstNetwork } from "../suites/burst.ts";
import { expectNoDrops, startGateway } from "../suites/network.ts";
import type { Lab } from "../topology.ts";

const count = 500;

/** How many identities the kernel says are up; it deals with no link for being asked for all of them. */
async function linksUp(lab: Lab): Promise<number> {
  const links = (await lab.gateway.namespace.ipJson(["link", "show"])) as readonly Shown[];
  return links.filter(({ ifname, operstate }) => ifname.startsWith("gw") && operstate === "UP").length;
}

interface Shown {
  readonly ifname: string;
  readonly operstate: string;
}

scenario(
  `the cable of ${count} devices is out and in again: none of them waits for the kernel to deal with the links of the others`,
  burstNetwork("kea", count),
  async (lab) => {
    await startGateway(lab, burstConfig);
    await burst(lab, count);
    await lab.gateway.waitFor("all are up", async () => (await linksUp(lab)) === count);
    await lab.wan.firewall.setPort("gateway", "down");
    await lab.gateway.waitForOutput(/WAN link is down/);
    await lab.gateway.waitFor("all are down", async () => (await linksUp(lab)) === 0, { everyMs: 250 });
    const from = lab.gateway.output.length;
    await lab.wan.firewall.setPort("gateway", "up");
    await lab.gateway.waitForOutput(/WAN link is up again/, { from });
    // By itself the kernel rests for a second after each hundred.
    await lab.gateway.waitFor("all are up again", async () => (await linksUp(lab)) === count, {
      timeoutMs: 2000,
      everyMs: 50,
    });
    const traffic = await lab.simulators[0]?.traffic({
      kind: "ping",
      to: lab.wan.internet.ip,
      count: 1,
      perSecond: 400,
    });
    expect(traffic).toEqual({ sent: count, answered: count, missing: [] });
    await expectNoDrops(lab);
  },
);
