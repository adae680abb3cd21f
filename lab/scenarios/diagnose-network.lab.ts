/** `gateway diagnose`: nothing is wrong with a healthy gateway, and each fault of the network is named. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import {
  badOf,
  diagnose,
  dualStack,
  expectCause,
  expectHealthy,
  readReport,
  startWithTwo,
} from "../suites/diagnose.ts";

scenario(
  "a healthy gateway: no problem, no warning; a cable that is out, a firewall of others",
  dualStack,
  async (lab) => {
    await startWithTwo(lab);
    const healthy = await expectHealthy(lab);
    expect(healthy.code).toBe(0);
    expect(healthy.summary.basic.of).toBe(14);
    const unseen = healthy.findings.filter((f) => f.unseen).map(({ check, text }) => `${check}: ${text}`);
    expect(unseen).toEqual([]);
    expect(healthy.summary.basic.passed).toBe(14);
    expect(healthy.summary.all.passed).toBe(healthy.summary.all.of);
    const report = await readReport(lab);
    expect(report).toContain("14 of 14 of the basic checks");

    await lab.wan.firewall.setPort("gateway", "down");
    await expectCause(lab, "wan-port", /eth0 has no carrier/);
    await lab.wan.firewall.setPort("gateway", "up");
    await expectHealthy(lab);

    await lab.lan.ip(["link set gateway down"]);
    await expectCause(lab, "lan-port", /eth1 has no carrier/);
    await lab.lan.ip(["link set gateway up"]);
    await expectHealthy(lab);

    await lab.gateway.namespace.nft(
      "table inet strangers {\n chain forward { type filter hook forward priority 0; policy drop; ct state established accept; }\n}\n",
    );
    const found = await diagnose(lab);
    expect(badOf(found).join("\n")).toMatch(/foreign-firewall: problem: .*inet strangers forward/);
    expect(found.code).toBe(1);
    await lab.gateway.namespace.nft("delete table inet strangers\n");
    await expectHealthy(lab);
  },
);
