/** The other engine of 464XLAT, Jool, where it is asked for and missing. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { addDhcpDevice, registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { nat64Prefix } from "../suites/xlat.ts";

const ipv6 = { nat64: nat64Prefix, pref64: nat64Prefix };

scenario(
  "Jool asked for where it is not installed: status says so, and what is allowed",
  { wan: { ipv4: false, ipv6, registered: registered(1), clients: 0 } },
  async (lab) => {
    await startGateway(lab, { ...quick6, xlat464: { engine: "jool" } });
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    const status = await lab.gateway.waitFor("status tells that Jool is missing", async () => {
      const { stdout } = await lab.gateway.command(["status", "--direct"]);
      return stdout.includes("jool_siit") && stdout;
    });
    expect(status.replace(/\s+/g, " ")).toContain(
      "The network has no IPv4, and the devices' IPv4 cannot be translated: the program jool_siit is not installed",
    );
  },
);
