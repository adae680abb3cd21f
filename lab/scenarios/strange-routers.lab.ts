/** Routers that flood the link, and one that has the same name on another network. */
import { expect } from "vitest";
import { deviceMac, type WanDescription } from "../description.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { inventedAdvert } from "../suites/flood.ts";
import { addDhcpDevice, registered, startGateway, waitForStatus } from "../suites/network.ts";
import {
  expectGatewaySpeaks,
  expectReachable6,
  expectSpeaks6,
  identityAddresses6,
  quick6,
  slaacAddress,
  waitForIpv6,
} from "../suites/network6.ts";

const prefix = "2001:db8:a::/64";

scenario(
  "a flood of router advertisements leaves what worked, and devices that come later come up",
  { wan: { ipv6: {}, registered: registered(1, 2, 3) } },
  async (lab) => {
    await startGateway(lab, quick6);
    const first = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
    for (const { mac } of first) await waitForIpv6(lab, mac, [slaacAddress(prefix, mac)]);
    const [client] = lab.wan.clients;
    if (!client) throw new Error("no client");
    const frames = Array.from({ length: 40 }, (_, n) => inventedAdvert(n, 32));
    const lines = lab.gateway.output.length;
    await sendFrames(client.namespace, "eth0", ...frames);
    await addDhcpDevice(lab, 3);
    await waitForStatus(lab, deviceMac(3), "active", 30_000);
    for (const n of [1, 2, 3]) {
      const address = slaacAddress(prefix, deviceMac(n));
      await lab.gateway.waitFor(`device ${n} keeps ${address}`, async () =>
        (await identityAddresses6(lab, deviceMac(n))).includes(address),
      );
      await expectReachable6(lab.wan, deviceMac(n), address);
      await expectSpeaks6(lab, lab.wan, deviceMac(n), address);
    }
    const { stdout } = await lab.gateway.namespace.run(["ip", "-6", "route", "show", "table", "999998"]);
    const routes = stdout.split("\n").filter(Boolean).length;
    lab.notes.push(`${routes} routes of ours for 3 devices`);
    expect(routes).toBeLessThan(300);
    const said = lab.gateway.output.slice(lines);
    expect(said.filter((line) => line.includes("More IPv6 routers and prefixes"))).toHaveLength(1);
    expect(said.filter((line) => /kernel refused|call stack/.test(line))).toEqual([]);
    expect(said.filter((line) => !line.includes(" DEBUG ") && line.length > 400)).toEqual([]);
  },
  // The invented prefixes are nobody's to use: the switch drops checks for them.
  { guardDrops: "allowed" },
);

const routerMac = "00:00:5e:00:53:fe";
const stateful: WanDescription = {
  ipv4: false,
  registered: registered(1, 2),
  routerMac,
  ipv6: { dhcp6: "kea", prefixes: [{ prefix, autonomous: false }] },
};
const byThemselves: WanDescription & { name: string } = {
  name: "b",
  ipv4: false,
  registered: registered(1, 2),
  routerMac,
  ipv6: {},
};

for (const whileStopped of [false, true])
  scenario(
    `a router of the same name and MAC on another network${whileStopped ? ", moved to while the daemon was stopped" : ""}: leases of the old one are void`,
    { wan: stateful },
    async (lab) => {
      const second = await lab.addWan(byThemselves);
      await startGateway(lab, quick6);
      const devices = [await addDhcpDevice(lab, 1), await addDhcpDevice(lab, 2)];
      for (const { mac } of devices)
        await waitForIpv6(lab, mac, (there) => there.length === 1 && /^2001:db8:a::1/.test(there[0] ?? ""));
      if (whileStopped) await lab.gateway.stop();
      await lab.moveCable(lab.wan, second);
      if (whileStopped) await startGateway(lab, quick6);
      const moved = performance.now();
      const wanted = devices.map(({ mac }) => slaacAddress("2001:db8:b::/64", mac));
      for (const [i, { mac }] of devices.entries())
        await waitForIpv6(lab, mac, (there) => there.join() === wanted[i], 60_000);
      lab.notes.push(`on the other network ${((performance.now() - moved) / 1000).toFixed(1)} s later`);
      for (const [i, { mac }] of devices.entries()) await expectSpeaks6(lab, second, mac, wanted[i] ?? "");
      await expectGatewaySpeaks(lab, wanted);
      await lab.gateway.waitFor("the file has forgotten the old leases", async () => {
        return !JSON.stringify(await lab.gateway.state()).includes("2001:db8:a:");
      });
    },
    { guardDrops: "allowed" },
  );
