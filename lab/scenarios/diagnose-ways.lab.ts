/** `gateway diagnose`: a way in that does not stand in the kernel or in HAProxy as configured is named, though all ports of the devices answer. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { diagnosable, dualStack, expectCause, expectHealthy, startWithTwo } from "../suites/diagnose.ts";
import { startGateway } from "../suites/network.ts";
import { askHaproxy, ownIp6 } from "../suites/proxy.ts";

scenario(
  "with the gateway dead elements of forwards and an entry of HAProxy's map are removed by hand",
  dualStack,
  async (lab) => {
    const [{ device }] = await startWithTwo(lab);
    const ip = (await lab.gateway.devices()).find((d) => d.mac_address === device.mac)?.ipv4_address ?? "";
    for (const more of [[], ["--udp"]]) {
      const added = await lab.gateway.command(["port-forward", "add", "9000", ip, "80", ...more]);
      expect(added.code, added.stderr).toBe(0);
    }
    const healthy = await expectHealthy(lab);
    const told = (check: string) => healthy.findings.find((f) => f.check === check)?.text;
    // Two addresses of each family, two forwards by IPv4 and for the LAN, and one by IPv6.
    expect(told("ways-in-kernel")).toBe("9 elements of forwards in the kernel, each as it should be.");
    expect(told("ways-in-proxy")).toBe("HAProxy leads 2 addresses to their devices.");

    await lab.gateway.stop("SIGKILL");
    const { namespace } = lab.gateway;
    await namespace.nft("delete element inet ipv4_ipv6_gateway lan4 { udp . 9000 }\n");
    const lan = await expectCause(lab, "ways-in-kernel", /1 forward is not in the kernel/, ["daemon-runs"]);
    expect(lan.findings.find(({ check }) => check === "ways-in-kernel")?.evidence.join()).toContain(
      `lan4 { udp . 9000 : ${ip} . 80 }`,
    );
    await namespace.nft(`delete element inet ipv4_ipv6_gateway reach6 { ${ownIp6(device.mac)} }\n`);
    await expectCause(lab, "ways-in-kernel", /2 forwards are not.*reach6/, ["daemon-runs"]);

    await askHaproxy(lab, "haproxy", `del map haproxy-devices.map ${ownIp6(device.mac)}`);
    const unmapped = new RegExp(`${ownIp6(device.mac)} of ${device.mac}.*: in no map`);
    await expectCause(lab, "ways-in-proxy", unmapped, ["daemon-runs", "ways-in-kernel"]);
    await startGateway(lab, diagnosable);
    await expectHealthy(lab);
  },
);
