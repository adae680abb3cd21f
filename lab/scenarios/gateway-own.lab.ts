/** The gateway's own traffic on machines whose WAN port was in use before, and the port as it is left. */
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { diffKernelStates } from "../kernel-state.ts";
import { connect, Namespace } from "../netns.ts";
import { scenario } from "../scenario.ts";
import { addDhcpDevice, registered, startGateway, waitForStatus } from "../suites/network.ts";
import { expectGatewaySpeaks, quick6, slaacAddress, waitForIpv6 } from "../suites/network6.ts";
import { packetsOf } from "../switch-counters.ts";
import type { Lab } from "../topology.ts";
import { sleep, waitFor } from "../wait.ts";

const mac = deviceMac(1);
const dual = { wan: { registered: registered(1), ipv6: {} } };
const own6 = slaacAddress("2001:db8:a::/64", mac);

/** What netifd, dhcpcd or an operator leaves on a WAN port; its IPv6 has spoken when this returns. */
async function furnish(lab: Lab): Promise<void> {
  const { namespace } = lab.gateway;
  await namespace.sysctl({ "net/ipv6/conf/eth0/accept_ra": 0, "net/ipv6/conf/eth0/disable_ipv6": 0 });
  await namespace.ip([
    "addr add 198.51.100.20/24 dev eth0",
    "route add default via 198.51.100.1 dev eth0",
    "route add 192.0.2.0/24 via 198.51.100.1 dev eth0",
    "addr add 2001:db8:a::20/64 dev eth0",
    "route add ::/0 via 2001:db8:a::1 dev eth0",
    "route add 2001:db8:99::/48 via 2001:db8:a::1 dev eth0 metric 77 proto static",
  ]);
  await waitFor("the addresses are through DAD", async () => {
    const shown = await namespace.run(["ip", "-6", "addr", "show", "dev", "eth0", "tentative"]);
    return shown.stdout.trim() === "";
  });
  await sleep(2000);
}

/** A management network on a third port eth2 during the body; its host is 10.77.0.1 and, further away, 10.88.0.1 and 10.99.0.1. */
async function withManagement(lab: Lab, body: () => Promise<void>): Promise<void> {
  const host = await Namespace.create("management");
  try {
    await plugIn(lab.gateway.namespace, host);
    await body();
  } finally {
    await host.remove();
  }
}

async function plugIn(namespace: Namespace, host: Namespace): Promise<void> {
  await connect({ namespace, ifname: "eth2" }, { namespace: host, ifname: "eth0" });
  await host.ip([
    "addr add 10.77.0.1/24 dev eth0",
    "addr add 10.88.0.1/32 dev lo",
    "addr add 10.99.0.1/32 dev lo",
  ]);
  await namespace.ip(["addr add 10.77.0.2/24 dev eth2", "route add 10.88.0.0/16 via 10.77.0.1 dev eth2"]);
}

const ownFrames = async (lab: Lab): Promise<number> =>
  packetsOf((await lab.wan.firewall.counters()).ever, lab.gateway.wanMac);

const pings = async (lab: Lab, ...args: readonly string[]): Promise<boolean> =>
  (await lab.gateway.namespace.run(["ping", "-c", "1", "-W", "1", ...args], { mayFail: true })).code === 0;

/** The gateway runs, and a device with both families lends its identity; gives its addresses on LAN and WAN. */
async function serveOne(lab: Lab): Promise<{ readonly lan: string; readonly wan: string }> {
  await startGateway(lab, quick6);
  await addDhcpDevice(lab);
  await waitForIpv6(lab, mac, [own6]);
  return lab.gateway.waitFor("an IPv4 lease", async () => {
    const { ipv4_address: lan, ipv4_wan_address: wan } = await waitForStatus(lab, mac, "active");
    return lan && wan ? { lan, wan } : undefined;
  });
}

async function cleanUp(lab: Lab): Promise<string> {
  await lab.gateway.stop();
  const { code, stdout } = await lab.gateway.command(["cleanup"]);
  expect(code, stdout).toBe(0);
  return stdout;
}

scenario(
  "the WAN port had addresses and default routes: the gateway's own traffic works, and all is back after cleanup",
  dual,
  (lab) =>
    withManagement(lab, async () => {
      await furnish(lab);
      await lab.gateway.namespace.ip(["route add default via 10.77.0.1 dev eth2 metric 500"]);
      const before = await lab.gateway.kernelState();
      const spoken = await ownFrames(lab);
      const device = await serveOne(lab);
      await expectGatewaySpeaks(lab, [device.wan]);
      await expectGatewaySpeaks(lab, [own6]);
      const [client] = lab.wan.clients;
      for (const [host, source] of [
        [client?.ip, device.wan],
        [`[${client?.ip6}]`, own6],
      ])
        expect(
          JSON.parse((await lab.gateway.namespace.run(["curl", "-gsS", `http://${host}/near`])).stdout),
        ).toMatchObject({
          client: source,
        });
      const way = (await lab.gateway.namespace.ipJson(["route", "get", "192.0.2.9"])) as { dev: string }[];
      expect(way[0]?.dev).toMatch(/^gw/);
      expect(await pings(lab, device.lan)).toBe(true);
      for (const near of ["10.77.0.1", "10.88.0.1"])
        expect([near, await pings(lab, near)]).toEqual([near, true]);
      expect(await pings(lab, "-I", "eth2", "10.99.0.1")).toBe(true);
      expect(lab.gateway.output.join("\n")).toMatch(
        /eth0 is silent .* 2001:db8:a::20\/64, .*goes, and "gateway cleanup" puts it back/,
      );
      await lab.gateway.stop();
      expect(await ownFrames(lab)).toBe(spoken);
      await cleanUp(lab);
      await waitFor("the kernel is as it was", async () => {
        expect(diffKernelStates(before, await lab.gateway.kernelState())).toEqual([]);
        return true;
      });
      expect(await ownFrames(lab)).toBeGreaterThan(spoken);
    }),
  // Before the start and after cleanup the port may speak; what counts is compared above.
  { ownMac: "use" },
);

scenario(
  "a better default route through a third port goes on carrying the gateway's own traffic",
  dual,
  (lab) =>
    withManagement(lab, async () => {
      await lab.gateway.namespace.ip([
        "addr add 198.51.100.20/24 dev eth0",
        "route add default via 198.51.100.1 dev eth0 metric 100",
        "route add default via 10.77.0.1 dev eth2 metric 50",
      ]);
      const device = await serveOne(lab);
      expect(await pings(lab, "10.99.0.1")).toBe(true);
      expect(await pings(lab, lab.wan.internet.ip)).toBe(false);
      expect(await pings(lab, lab.wan.clients[0]?.ip ?? "")).toBe(true);
      expect(await pings(lab, device.lan)).toBe(true);
      await lab.gateway.namespace.ip(["link set eth2 down"]);
      await expectGatewaySpeaks(lab, [device.wan]);
    }),
);

scenario("a WAN port that was down is down again after cleanup, and has not spoken", dual, async (lab) => {
  await lab.gateway.namespace.ip(["link set eth0 down", "addr add 198.51.100.20/24 dev eth0"]);
  await lab.gateway.namespace.sysctl({ "net/ipv6/conf/eth0/disable_ipv6": 0 });
  const before = await lab.gateway.kernelState();
  const device = await serveOne(lab);
  await expectGatewaySpeaks(lab, [device.wan]);
  expect(await cleanUp(lab)).toMatch(/eth0 down/);
  expect(diffKernelStates(before, await lab.gateway.kernelState())).toEqual([]);
  await sleep(3000);
});

scenario(
  "a routing rule that leads the gateway's own traffic to the silent port is told",
  dual,
  async (lab) => {
    const rule = "pref 100 iif lo lookup 77";
    await lab.gateway.namespace.ip([
      "addr add 198.51.100.20/24 dev eth0",
      "route add default via 198.51.100.1 dev eth0 table 77",
      `rule add ${rule}`,
    ]);
    await serveOne(lab);
    await lab.gateway.waitForOutput(/own IPv4 traffic is lost: a routing rule ahead of 32710/);
    const isTold = async () => {
      const { stdout } = await lab.gateway.command(["status", "--direct"]);
      return stdout.replace(/\s+/g, " ").includes("own IPv4 traffic is lost");
    };
    expect(await isTold()).toBe(true);
    await lab.gateway.namespace.ip([`rule delete ${rule}`]);
    await waitFor("status has it no more", async () => !(await isTold()), {
      timeoutMs: 90_000,
      everyMs: 500,
    });
  },
);
