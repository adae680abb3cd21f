/** `gateway diagnose`: what is wrong at the two ports is named. */
import { expect } from "vitest";
import { connect } from "../netns.ts";
import { scenario } from "../scenario.ts";
import { dualStack, expectCause, expectHealthy, startWithTwo } from "../suites/diagnose.ts";

scenario(
  "LAN and WAN plugged together",
  dualStack,
  async (lab) => {
    await startWithTwo(lab);
    await connect(
      { namespace: lab.lan, ifname: "joint", bridge: "br0", ipv6: false },
      { namespace: lab.wan.firewall.namespace, ifname: "joint", bridge: "br0", ipv6: false },
    );
    await expectCause(lab, "lan-wan-joined", /LAN and WAN are joined/, "any");
  },
  { guardDrops: "allowed" },
);

scenario(
  "another program asks for an address on the silent WAN port",
  dualStack,
  async (lab) => {
    await startWithTwo(lab);
    const argv = ["busybox", "udhcpc", "-f", "-i", "eth0", "-s", "/bin/true", "-t", "1000", "-T", "5"];
    const client = lab.gateway.namespace.start(argv);
    const found = await expectCause(lab, "other-managers", /which is to be silent/);
    expect(found.findings.find(({ check }) => check === "other-managers")?.evidence.join()).toContain(
      "udhcpc",
    );
    await client.stop("SIGKILL");
    await expectHealthy(lab);
  },
  // That client speaks under the port's own MAC, which is the fault.
  { ownMac: "use" },
);
