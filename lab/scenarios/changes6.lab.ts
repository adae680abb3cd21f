/** Networks that come late, change their prefixes, lose a router, or turn out to be another one. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import type { GatewayDevice } from "../gateway.ts";
import { scenario } from "../scenario.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  registered,
  startGateway,
  waitForStatus,
} from "../suites/network.ts";
import {
  expectGatewaySpeaks,
  expectReachable6,
  expectSpeaks6,
  identityAddresses6,
  quick6,
  slaacAddress,
  waitForIpv6,
} from "../suites/network6.ts";
import { packetsOf } from "../switch-counters.ts";
import type { Lab } from "../topology.ts";
import { sleep, waitFor } from "../wait.ts";

const prefix = "2001:db8:a::/64";
const mac = deviceMac(1);
const own = slaacAddress(prefix, mac);

/** The router that packets from an address leave by. */
async function routerOf(lab: Lab, address: string): Promise<string | undefined> {
  const argv = ["ip", "-6", "-json", "route", "get", "2001:db8:ffff::1", "from", address];
  const { stdout } = await lab.gateway.namespace.run(argv, { mayFail: true });
  return stdout === "" ? undefined : (JSON.parse(stdout) as [{ gateway?: string }])[0].gateway;
}

scenario(
  "no network at the start: device and gateway wait, and both families come when the network does",
  { wan: { registered: registered(1), dhcpStarted: false, ipv6: { raStarted: false } } },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab);
    const told = await waitForStatus(lab, mac, "failed", 60_000);
    expect(told.reason).toContain("no answer to DHCP");
    await lab.wan.routers[0].ra?.start();
    await waitForIpv6(lab, mac, [own]);
    await lab.wan.dhcp?.start();
    const ip = await waitFor(
      "an IPv4 lease",
      async () => (await waitForStatus(lab, mac, "active")).ipv4_wan_address,
      { timeoutMs: 40_000 },
    );
    await expectReachesInternet(lab, device, ip);
    await expectSpeaks6(lab, lab.wan, mac, own);
    await expectGatewaySpeaks(lab, [ip, own]);
    await expectNoDrops(lab);
  },
);

scenario(
  "a cable plugged in after the start brings the network, and the gateway's own MAC stays silent",
  { wan: { registered: registered(1), ipv6: { dhcp6: "kea" } } },
  async (lab) => {
    await lab.wan.firewall.setPort("gateway", "down");
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab);
    await device.waitForIp();
    await sleep(3000);
    await lab.wan.firewall.setPort("gateway", "up");
    await waitForIpv6(lab, mac, (there) => there.includes(own) && there.length === 2, 30_000);
    const ip = await waitFor(
      "an IPv4 lease",
      async () => (await waitForStatus(lab, mac, "active")).ipv4_wan_address,
      { timeoutMs: 30_000 },
    );
    await expectReachesInternet(lab, device, ip);
    await expectNoDrops(lab);
  },
);

scenario(
  "of two routers the preferred one is used, and when it dies without a word the other",
  {
    wan: {
      ipv4: false,
      registered: registered(1),
      ipv6: { preference: "high", secondRouter: { preference: "low", prefixes: [prefix] } },
    },
  },
  async (lab) => {
    const [better, other] = lab.wan.routers;
    await startGateway(lab, quick6);
    await addDhcpDevice(lab);
    await waitForIpv6(lab, mac, [own]);
    await lab.gateway.waitFor(
      "the better router is used",
      async () => (await routerOf(lab, own)) === better.linkLocal,
    );
    await expectSpeaks6(lab, lab.wan, mac, own);
    const diedAt = performance.now();
    await better.die();
    await lab.gateway.waitFor(
      "the other router is used",
      async () => (await routerOf(lab, own)) === other?.linkLocal,
      {
        timeoutMs: 40_000,
      },
    );
    const { namespace } = lab.gateway;
    const url = `http://[${lab.wan.internet.ip6}]/after`;
    await lab.gateway.waitFor("traffic flows through the other router", async () =>
      JSON.parse((await namespace.run(["curl", "-gsS", "--max-time", "2", "--interface", own, url])).stdout),
    );
    lab.notes.push(
      `the other router carries traffic ${((performance.now() - diedAt) / 1000).toFixed(1)} s later`,
    );
    expect(await identityAddresses6(lab, mac)).toEqual([own]);
    await expectNoDrops(lab);
  },
);

for (const [how, valid] of [
  ["withdrawn with a lifetime of zero", 0],
  ["not named any more", undefined],
] as const) {
  scenario(
    `a prefix ${how} and replaced by another: devices follow within seconds, nothing answers on the old one`,
    { wan: { registered: registered(1, 2), ipv6: {} } },
    async (lab) => {
      const next = "2001:db8:a2::/64";
      await startGateway(lab, quick6);
      await addDhcpDevice(lab, 1);
      await addDhcpDevice(lab, 2);
      const macs = [deviceMac(1), deviceMac(2)];
      for (const m of macs) await waitForIpv6(lab, m, [slaacAddress(prefix, m)]);
      const changedAt = performance.now();
      const old = valid === undefined ? [] : [{ prefix, valid, preferred: 0 }];
      await lab.wan.announce({ prefixes: [next, ...old] });
      for (const m of macs) await waitForIpv6(lab, m, [slaacAddress(next, m)], 30_000);
      lab.notes.push(
        `all devices have followed ${((performance.now() - changedAt) / 1000).toFixed(1)} s later`,
      );
      for (const m of macs) {
        await expectReachable6(lab.wan, m, slaacAddress(next, m));
        await expectSpeaks6(lab, lab.wan, m, slaacAddress(next, m));
        expect(await lab.wan.asks6(slaacAddress(prefix, m))).toBeUndefined();
      }
      const { stdout } = await lab.gateway.namespace.run(["ip", "-6", "route", "show", "table", "all"]);
      expect(stdout).not.toContain("from 2001:db8:a:");
      // The IPv4 side went on.
      for (const m of macs)
        expect((await waitForStatus(lab, m, "active")).ipv4_wan_address).toMatch(/^198\.51/);
      await expectNoDrops(lab);
    },
  );
}

scenario(
  "a link that flaps ten times in 20 s ends with one re-acquisition of each device",
  { wan: { registered: registered(1, 2), ipv6: { dhcp6: "kea" } } },
  async (lab) => {
    await startGateway(lab, { ...quick6, wan: { change_delay: 5 } });
    await addDhcpDevice(lab, 1);
    await addDhcpDevice(lab, 2);
    const macs = [deviceMac(1), deviceMac(2)];
    for (const m of macs) await waitForIpv6(lab, m, (there) => there.length === 2);
    const before = await Promise.all(macs.map((m) => waitForStatus(lab, m, "active")));
    const from = lab.gateway.output.length;
    await lab.wan.firewall.resetCounters();
    await lab.flapCable(10, 20_000);
    await sleep(20_000);
    const said = lab.gateway.output.slice(from);
    expect(said.filter((line) => line.includes("WAN change:"))).toHaveLength(1);
    const counters = await lab.wan.firewall.counters();
    for (const m of macs) {
      expect(packetsOf(counters.dhcp, m)).toBe(1);
      expect(packetsOf(counters.ipv6.dhcp6, m)).toBe(1);
      expect(said.filter((line) => line.includes(`DHCPv4 requested for ${m}`))).toHaveLength(1);
    }
    const after = await Promise.all(macs.map((m) => waitForStatus(lab, m, "active")));
    const addresses = (d: GatewayDevice) => [d.ipv4_wan_address, d.ipv6_address];
    expect(after.map(addresses)).toEqual(before.map(addresses));
    await expectNoDrops(lab);
  },
);
