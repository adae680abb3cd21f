import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { burst, burstConfig, burstMacs, burstNetwork } from "../suites/burst.ts";
import { expectNoDrops, server, startGateway } from "../suites/network.ts";

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
    const simulator = lab.simulators[0];
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
