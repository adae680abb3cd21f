/** `gateway diagnose`: what is wrong at the two ports is named. */
import { expect } from "vitest";
import { connect } from "../netns.ts";
import { scenario } from "../scenario.ts";
import { dualStack, expectCause, expectHealthy, startWithTwo } from "../suites/diagnose.ts";
import type { Lab } from "../topology.ts";

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
    const found = await expectCause(lab, "other-managers", /which is to be silent/, ["source-macs"]);
    expect(found.findings.find(({ check }) => check === "other-managers")?.evidence.join()).toContain(
      "udhcpc",
    );
    const own = new RegExp(`under its own MAC.*${await portMac(lab)} \\(eth0's own\\): DHCP`);
    await expectCause(lab, "source-macs", own, ["other-managers"]);
    await client.stop("SIGKILL");
    await expectHealthy(lab);
  },
  // That client speaks under the port's own MAC, which is the fault.
  { ownMac: "use" },
);

const portMac = async (lab: Lab): Promise<string> => {
  const [link] = (await lab.gateway.namespace.ipJson(["link", "show", "dev", "eth0"])) as {
    address: string;
  }[];
  if (!link) throw new Error("eth0 is not there");
  return link.address;
};

scenario(
  "a program that no process list tells asks on the WAN port under its MAC, with the gateway dead; an identity is not let out",
  dualStack,
  async (lab) => {
    const [{ device }] = await startWithTwo(lab);
    await expectHealthy(lab);
    await lab.gateway.namespace.nft(
      `table netdev strangers {\n chain out { type filter hook egress device gw${device.mac.replaceAll(":", "")} priority 0; policy drop; }\n}\n`,
    );
    const shut = await expectCause(lab, "source-macs", /1 identity asks does not leave eth0/, [
      ...["router-answers", "unanswered", "devices", "dns", "ipv6-router", "daemon-troubles"],
    ]);
    expect(shut.findings.find(({ check }) => check === "source-macs")?.evidence.join()).toContain(device.mac);
    await lab.gateway.namespace.nft("delete table netdev strangers\n");
    await expectHealthy(lab);

    await lab.gateway.stop("SIGKILL");
    // Nobody has the address: it asks on and on.
    const asker = lab.gateway.namespace.start(["busybox", "arping", "-D", "-I", "eth0", "198.51.100.77"]);
    const words = new RegExp(`${await portMac(lab)} \\(eth0's own\\): ARP request for 198\\.51\\.100\\.77`);
    await expectCause(lab, "source-macs", words, ["daemon-runs"]);
    await asker.stop("SIGKILL");
  },
  { ownMac: "use" },
);
