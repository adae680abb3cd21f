/** The gateway's own traffic on machines whose WAN port was in use before, and the port as it is left. */
import { expect } from "vitest";
import type { Mac } from "../../src/base/mac.ts";
import { identityName } from "../../src/plan/marks.ts";
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
async function withManagement(lab: Lab, body: (host: Namespace) => Promise<void>): Promise<void> {
  const host = await Namespace.create("management");
  try {
    await plugIn(lab.gateway.namespace, host);
    await body(host);
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

interface End {
  readonly namespace: Namespace;
  readonly ip: string;
}

/** One end of a tunnel, its other end said by number. */
const tunnelEnd = ({ namespace }: End, id: number, local: string, remote: string): Promise<unknown> =>
  namespace.ip([
    `link add tun${id} type vxlan id ${id} dstport 47${id} local ${local} remote ${remote}`,
    `link set tun${id} up`,
  ]);

async function receivedBy({ namespace }: End, ifname: string): Promise<number> {
  const [link] = (await namespace.ipJson(["-s", "link", "show", "dev", ifname])) as [
    { stats64: { rx: { packets: number } } },
  ];
  return link.stats64.rx.packets;
}

scenario("what a tunnel of the gateway's own has wrapped leaves by an identity", dual, async (lab) => {
  const device = await serveOne(lab);
  const { namespace } = lab.gateway;
  const client = lab.wan.clients[0] as End & { readonly ip6: string };
  for (const [id, near, far] of [
    [44, device.wan, client.ip],
    [46, own6, client.ip6],
  ] as const) {
    await tunnelEnd({ namespace, ip: near }, id, near, far);
    await tunnelEnd(client, id, far, near);
    await namespace.ip([`addr add 10.${id}.0.1/24 dev tun${id}`]);
    const before = await receivedBy(client, `tun${id}`);
    await pings(lab, `10.${id}.0.2`);
    await waitFor("the far end hears it", async () => (await receivedBy(client, `tun${id}`)) > before);
  }
});

scenario(
  "what a third port sends leaves by no identity, not even when another program translates it",
  dual,
  (lab) =>
    withManagement(lab, async (host) => {
      await serveOne(lab);
      const { namespace } = lab.gateway;
      const client = lab.wan.clients[0] as End;
      await namespace.sysctl({ "net/ipv4/conf/eth2/forwarding": 1 });
      await namespace.nft(`table ip other {
  chain out { type nat hook postrouting priority srcnat; oifname "gw*" masquerade; }
}
`);
      await namespace.ip([`route add ${client.ip}/32 dev ${identityName(mac as Mac)}`]);
      await host.ip([`route add ${client.ip}/32 via 10.77.0.2`]);
      const dropped = async (): Promise<number> => {
        const listed = await namespace.run(["nft", "list", "chain", "inet", "ipv4_ipv6_gateway", "to_wan"]);
        return Number(/counter packets (\d+)/.exec(listed.stdout)?.[1]);
      };
      const before = await dropped();
      const sent = await host.run(["ping", "-c", "3", "-i", "0.2", "-W", "1", client.ip], { mayFail: true });
      expect(sent.code).not.toBe(0);
      expect(await dropped()).toBe(before + 3);
    }),
);
