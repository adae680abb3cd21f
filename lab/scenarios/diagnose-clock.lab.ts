/** `gateway diagnose`: a clock that is days ahead is told of, and not taken for a DHCP server that is silent; without DHCP on the LAN the leases' name servers are asked. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { scenario } from "../scenario.ts";
import {
  badChecks,
  diagnosable,
  diagnose,
  dualStack,
  expectCause,
  expectHealthy,
} from "../suites/diagnose.ts";
import { atTime, besidesAtTime } from "../suites/faked-clock.ts";
import { startGateway } from "../suites/network.ts";
import { waitForAddresses } from "../suites/reach.ts";

scenario(
  "no DHCP on the LAN; the network's name server falls silent; a clock that is 30 days ahead",
  dualStack,
  async (lab) => {
    await startGateway(lab, { ...diagnosable, lan: { dhcp: false } });
    const device = await lab.addDevice({
      ...{ name: "d1", mac: deviceMac(1), address: { ip: "192.168.1.50/24" } },
      services: { web: [80] },
    });
    await device.ping("192.168.1.1");
    await waitForAddresses(lab, device, { four: 1, six: 1 });
    const healthy = await expectHealthy(lab);
    expect(healthy.findings.find(({ check }) => check === "dns")).toMatchObject({
      ...{ severity: "ok", unseen: false },
      text: expect.stringMatching(/^[12] name servers? answered\.$/),
    });

    await lab.wan.router.nft(
      "table inet mute {\n chain in { type filter hook input priority -5; udp dport 53 drop; }\n}\n",
    );
    await expectCause(lab, "dns", /No name server of the network answers/);
    await lab.wan.router.nft("delete table inet mute\n");
    await expectHealthy(lab);

    const later = await diagnose(lab, [], atTime("+30d"));
    const told = (check: string) => later.findings.find((f) => f.check === check);
    // Whether that is a warning depends on whether somebody keeps the clock of the machine.
    expect(told("clock")?.text).toMatch(/has leapt ahead by more than (29|30) days/);
    expect(told("leases")).toMatchObject({ severity: "note", unseen: true });
    expect(badChecks(later).filter((id) => !["clock", ...besidesAtTime].includes(id))).toEqual([]);
  },
);
