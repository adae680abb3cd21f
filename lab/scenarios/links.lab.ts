/** Links that misbehave: ports that block, cables that flap at the wrong moment, adapters that go, full disks. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { run } from "../exec.ts";
import { scenario } from "../scenario.ts";
import { burstConfig, burstMacs } from "../suites/burst.ts";
import {
  addressesByMac,
  addWanPort,
  expectNoProblem,
  expectProblem,
  framesOf,
  look,
  mostInASecond,
  mountState,
  removeWanPort,
  statusFact,
  waitForAll,
  waitForTraffic,
} from "../suites/links.ts";
import { addDhcpDevice, expectNoDrops, registered, startGateway, waitForStatus } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { packetsOf } from "../switch-counters.ts";
import { type Lab, scenarioCapture } from "../topology.ts";
import { sleep } from "../wait.ts";

const dualStack = { registered: registered(1, 2, 3), ipv6: { dhcp6: "kea" } } as const;
const addDevices = (lab: Lab, ...numbers: readonly number[]) =>
  Promise.all(numbers.map((n) => addDhcpDevice(lab, n)));

scenario(
  "a port that blocks after a replug, as for spanning tree: everything is kept, few frames go out, and all works once it opens",
  { wan: { ...dualStack, ipv6: { dhcp6: "kea", maxInterval: 600 } } },
  async (lab) => {
    const { firewall } = lab.wan;
    await startGateway(lab, quick6);
    const devices = await addDevices(lab, 1, 2, 3);
    const macs = devices.map(({ mac }) => mac);
    const before = await waitForAll(lab, macs);
    await waitForTraffic(lab, devices);
    await firewall.setPort("gateway", "down");
    // It carries nothing in either direction, and its switch has forgotten whose addresses are whose.
    for (const port of ["gateway", "router"]) await firewall.addFault(`iifname "${port}"`);
    await firewall.forgetBindings6();
    await firewall.setPort("gateway", "up");
    const pluggedAt = Date.now() / 1000;
    await sleep(6000);
    await expectProblem(lab, /^Nothing has been heard on eth0 since .* port may still block \(spanning tree/);
    await sleep(5000);
    expect(await addressesByMac(lab)).toEqual(before);
    await firewall.resetCounters();
    const openAt = Date.now() / 1000;
    await firewall.clearFaults();
    const took = await waitForTraffic(lab, devices);
    expect(took).toBeLessThan(10);
    await lab.gateway.waitForOutput(/WAN change: nothing was heard for \d+ s; every device asks again/);
    await lab.gateway.waitFor("all leases are verified", async () => {
      const { dhcp, ipv6 } = await firewall.counters();
      return macs.every((mac) => packetsOf(dhcp, mac) > 0 && packetsOf(ipv6.dhcp6, mac) > 0);
    });
    expect(await addressesByMac(lab)).toEqual(before);
    await expectNoProblem(lab);
    expect(lab.gateway.output.join("\n")).not.toMatch(/ lost for | failed: /);
    const wan = lab.captures.get("wan");
    const frames = (await framesOf(wan, macs)).filter(({ at }) => at >= pluggedAt && at < openAt);
    const perDevice = macs.map((mac) => frames.filter((f) => f.mac === mac).length);
    lab.notes.push(
      `works ${took.toFixed(1)} s after it opened; ${Math.round(openAt - pluggedAt)} s blocked: ${perDevice.join(", ")} frames of each device, at most ${mostInASecond(frames)} in a second`,
    );
    expect(frames.length / (openAt - pluggedAt)).toBeLessThan(10);
    // The switch counts none of what it blocks.
    expect(await framesOf(wan, [lab.gateway.wanMac])).toEqual([]);
    // What was on its way at that moment came from addresses that the switch had to learn anew.
    await firewall.resetCounters();
    await waitForTraffic(lab, devices);
    await expectNoDrops(lab);
  },
  { guardDrops: "allowed" },
);

scenario(
  "switch-safe: 15 devices verify their leases after a replug with fewer frames than shut an access port",
  { lan: { subnet: "10.20.0.0/20" }, wan: { registered: burstMacs(15), ipv6: { dhcp6: "kea" } } },
  async (lab) => {
    const macs = burstMacs(15);
    const pacing = { profile: "switch-safe" };
    await startGateway(lab, { ...quick6, lan: burstConfig.lan, pacing, wan: { change_delay: 1 } });
    const simulator = await lab.addSimulator();
    const firstMac = macs[0] ?? "";
    await simulator.start({ count: 15, firstMac, addressing: { kind: "dhcp" }, hostName: "sim" });
    const before = await waitForAll(lab, macs);
    await lab.wan.firewall.resetCounters();
    const from = lab.gateway.output.length;
    await lab.wan.firewall.setPort("gateway", "down");
    await lab.gateway.waitForOutput(/WAN link is down/, { from });
    await lab.wan.firewall.setPort("gateway", "up");
    const pluggedAt = Date.now() / 1000;
    const verified = () =>
      lab.gateway.output
        .slice(from)
        .filter((line) => /DHCPv[46] obtained for .* how=(init-reboot|confirm)/.test(line));
    await lab.gateway.waitFor("all leases are verified", () => verified().length >= 30, {
      timeoutMs: 40_000,
    });
    const took = Date.now() / 1000 - pluggedAt;
    expect(await addressesByMac(lab)).toEqual(before);
    const { dhcp, ipv6 } = await lab.wan.firewall.counters();
    for (const mac of macs) expect([packetsOf(dhcp, mac), packetsOf(ipv6.dhcp6, mac)]).toEqual([1, 1]);
    const filters = {
      ARP: ["arp"],
      DHCP: ["udp", "port", "67", "or", "udp", "port", "547"],
      ND: ["icmp6", "and", "ip6[40]", ">=", "133", "and", "ip6[40]", "<=", "136"],
    };
    const highest = async (kind: keyof typeof filters, since = 0): Promise<number> =>
      mostInASecond(
        (await framesOf(lab.captures.get("wan"), macs, filters[kind])).filter(({ at }) => at >= since),
      );
    expect(await highest("ARP")).toBeLessThanOrEqual(15);
    expect(await highest("DHCP")).toBeLessThanOrEqual(15);
    lab.notes.push(
      `the last of 15 devices is verified ${took.toFixed(1)} s after the carrier; in a second at most ${await highest("ARP", pluggedAt)} ARP, ${await highest("DHCP", pluggedAt)} DHCP, ${await highest("ND", pluggedAt)} ND frames; when they came up ${await highest("ARP")}, ${await highest("DHCP")}, ${await highest("ND")}`,
    );
    await expectNoDrops(lab);
  },
);

scenario(
  "the WAN port goes, as a USB adapter does, and comes back: identities are made anew and have their leases",
  { wan: dualStack },
  async (lab) => {
    await startGateway(lab, quick6);
    const devices = await addDevices(lab, 1, 2);
    const macs = devices.map(({ mac }) => mac);
    const before = await waitForAll(lab, macs);
    const from = lab.gateway.output.length;
    await removeWanPort(lab);
    await lab.gateway.waitForOutput(/the network interface eth0 is gone/, { from });
    await sleep(2000);
    await expectProblem(lab, /^There is no interface eth0: no device reaches the network until it is back/);
    expect(statusFact(await look(lab), "WAN")).toBe("eth0, missing, own MAC silent");
    await addWanPort(lab);
    const backAt = performance.now();
    await lab.capture("wan", "wan-again", [], scenarioCapture);
    // Without the port they have no IPv6 addresses.
    expect(await waitForAll(lab, macs)).toEqual(before);
    await waitForTraffic(lab, devices);
    lab.notes.push(`all work ${((performance.now() - backAt) / 1000).toFixed(1)} s after the port is back`);
    await lab.gateway.waitFor("leases are verified", () => {
      const said = lab.gateway.output.slice(from);
      return macs.every((mac) => said.some((line) => line.includes(`DHCPv4 obtained for ${mac}`)));
    });
    await expectNoProblem(lab);
    const said = lab.gateway.output.slice(from).join("\n");
    expect(said).toMatch(/WAN link is down[\s\S]*WAN link is up again/);
    expect(said).not.toMatch(/kernel refused| lost for | failed: /);
    await expectNoDrops(lab);
  },
);

scenario(
  "a cable that flaps while devices ask for the first time and check their addresses: all complete",
  { wan: dualStack },
  async (lab) => {
    const { firewall } = lab.wan;
    await startGateway(lab, quick6);
    await firewall.addFault('iifname "router" udp dport 68');
    const devices = await addDevices(lab, 1, 2, 3);
    await lab.gateway.waitFor("all ask for leases", async () => (await firewall.counters()).dhcp.size === 3);
    await firewall.setPort("gateway", "down");
    await sleep(300);
    await firewall.setPort("gateway", "up");
    await firewall.clearFaults();
    const tentative = ["ip", "-6", "addr", "show", "tentative"];
    await lab.gateway.waitFor(
      "an address is being checked",
      async () => (await lab.gateway.namespace.run(tentative)).stdout !== "",
      { everyMs: 10 },
    );
    await firewall.setPort("gateway", "down");
    await sleep(1500);
    await expectProblem(lab, /^eth0 has no carrier: no device reaches the network/);
    const from = performance.now();
    await firewall.setPort("gateway", "up");
    await waitForAll(
      lab,
      devices.map(({ mac }) => mac),
    );
    await waitForTraffic(lab, devices);
    lab.notes.push(
      `all are complete ${((performance.now() - from) / 1000).toFixed(1)} s after the last carrier`,
    );
    await expectNoProblem(lab);
    await expectNoDrops(lab);
  },
);

scenario(
  "a full and a read-only disk while the network changes: said clearly, nothing stops, and written again when it can be",
  { wan: dualStack },
  async (lab) => {
    const directory = dirname(lab.gateway.stateFile);
    await mountState(directory);
    try {
      // dnsmasq would hold its leases open there, and the disk could not be made read-only.
      await startGateway(lab, { ...quick6, lan: { dhcp: false } });
      const address = (n: number) => ({ ip: `192.168.1.${60 + n}/24`, router: "192.168.1.1" });
      const add = async (n: number): Promise<void> => {
        const device = await lab.addDevice({ name: `d${n}`, mac: deviceMac(n), address: address(n) });
        await device.ping("192.168.1.1");
      };
      const replug = async (): Promise<void> => {
        await lab.wan.firewall.setPort("gateway", "down");
        await sleep(500);
        await lab.wan.firewall.setPort("gateway", "up");
      };
      await lab.gateway.waitFor("the LAN has its address", async () =>
        (await lab.gateway.namespace.run(["ip", "addr", "show", "dev", "eth1"])).stdout.includes(
          "192.168.1.1/24",
        ),
      );
      await add(1);
      await waitForAll(lab, [deviceMac(1)]);
      await run(["dd", "if=/dev/zero", `of=${directory}/filler`, "bs=4k"], { mayFail: true });
      await replug();
      await add(2);
      await lab.gateway.waitForOutput(/ERROR .*devices\.json cannot be written: ENOSPC.*; free some space/);
      await expectProblem(lab, /devices\.json cannot be written: ENOSPC.*is not shown here, and lost if/);
      await rm(`${directory}/filler`);
      await waitForAll(lab, [deviceMac(1), deviceMac(2)]);
      await lab.gateway.waitForOutput(/devices\.json is written again/);
      await expectNoProblem(lab);
      const from = lab.gateway.output.length;
      await run(["mount", "-o", "remount,ro", directory]);
      await replug();
      await add(3);
      await lab.gateway.waitForOutput(/ERROR .*cannot be written: EROFS.*; mount that file system writable/, {
        from,
      });
      await expectProblem(lab, /devices\.json cannot be written: EROFS/);
      await run(["mount", "-o", "remount,rw", directory]);
      await waitForAll(lab, [1, 2, 3].map(deviceMac));
      await expectNoProblem(lab);
      await waitForStatus(lab, deviceMac(3), "active");
      await lab.gateway.stop();
    } finally {
      await run(["umount", "-l", directory]);
    }
    await expectNoDrops(lab);
  },
);
