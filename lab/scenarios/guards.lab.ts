import { expect } from "vitest";
import { deviceMac, standardMacs } from "../description.ts";
import { scenario } from "../scenario.ts";
import {
  addDhcpDevice,
  expectReachesInternet,
  network,
  quick,
  registered,
  startGateway,
  waitForLease,
  waitForStatus,
} from "../suites/network.ts";

scenario(
  "MACs that must not be impersonated are shown with their reason and never appear on the WAN",
  network("dnsmasq"),
  async (lab) => {
    await startGateway(lab, { ...quick, discovery: { deny: [deviceMac(9)], max_devices: 2 } });
    const good = await addDhcpDevice(lab, 1);
    await waitForLease(lab, good.mac);
    const client = lab.wan.clients[0]?.namespace;
    if (!client) throw new Error("this network has no client");
    // The client on the WAN speaks ARP; then somebody on the LAN claims its MAC.
    await client.run(["ping", "-c", "1", "-W", "1", "198.51.100.250"], { mayFail: true });
    const [link] = (await client.ipJson(["link", "show", "dev", "eth0"])) as readonly {
      address: string;
    }[];
    const wanMac = link?.address ?? "";
    const refused: readonly (readonly [name: string, mac: string, reason: RegExp])[] = [
      ["denied", deviceMac(9), /discovery\.deny/],
      ["twin", wanMac, /seen speaking on the WAN side/],
      ["own", standardMacs.gatewayWan, /one of the gateway's own/],
    ];
    for (const [name, mac] of refused) {
      const device = await lab.addDevice({
        name,
        mac,
        address: { ip: "192.168.1.77/24", router: "192.168.1.1" },
      });
      await device.ping("192.168.1.200");
      await lab.removeDevice(device);
    }
    await addDhcpDevice(lab, 2).then((d) => waitForLease(lab, d.mac));
    await addDhcpDevice(lab, 3);
    const log = await lab.gateway.waitForOutput(
      new RegExp(`${deviceMac(3)} refused: discovery.max_devices = 2`),
    );
    expect(log).toBeDefined();
    for (const [, mac, reason] of refused) {
      expect(lab.gateway.output.filter((line) => line.includes(mac)).join("\n")).toMatch(reason);
    }
    const shown = await lab.gateway.waitFor("refused devices are listed", async () => {
      const rows = (await lab.gateway.devices()).filter((d) => d.status === "failed");
      return rows.length === refused.length + 1 && rows;
    });
    for (const [, mac, reason] of refused)
      expect(shown.find((d) => d.mac_address === mac)?.reason).toMatch(reason);
    const { seen } = await lab.wan.firewall.counters();
    expect([...seen.keys()].sort()).toEqual([deviceMac(1), deviceMac(2)]);
    await expectReachesInternet(lab, good, await waitForLease(lab, good.mac));
  },
);

scenario(
  "an address inside our own LAN is refused with the reason",
  network("dnsmasq", { subnet: "192.168.1.0/24" }),
  async (lab) => {
    await startGateway(lab);
    const device = await addDhcpDevice(lab, 1);
    const failed = await waitForStatus(lab, device.mac, "failed");
    expect(failed.reason).toMatch(/lies inside the LAN 192\.168\.1\.0\/24/);
  },
);

scenario(
  "a device with a static address that never speaks to the gateway is found",
  network("dnsmasq"),
  async (lab) => {
    await startGateway(lab);
    const device = await lab.addDevice({
      name: "loner",
      mac: deviceMac(1),
      address: { ip: "192.168.1.60/24" },
    });
    // It looks for a neighbour that is not the gateway and does not exist.
    await device.ping("192.168.1.61");
    const found = await waitForStatus(lab, device.mac, "active");
    expect(found.ipv4_address).toBe("192.168.1.60");
  },
);

scenario(
  "devices that were there before the gateway are found from the neighbour table",
  network("dnsmasq", { registered: registered(1) }),
  async (lab) => {
    await lab.gateway.namespace.ip(["addr add 192.168.1.1/24 dev eth1"]);
    const device = await lab.addDevice({
      name: "early",
      mac: deviceMac(1),
      address: { ip: "192.168.1.70/24", router: "192.168.1.1" },
    });
    expect(await device.ping("192.168.1.1")).toBe(true);
    await startGateway(lab);
    await expectReachesInternet(lab, device, await waitForLease(lab, device.mac));
  },
);

scenario("a forgotten device is released and leaves nothing", network("dnsmasq"), async (lab) => {
  await startGateway(lab, { ...quick, discovery: { poll_interval: 1, offline_after: 2, forget_after: 12 } });
  const device = await addDhcpDevice(lab, 1);
  await waitForLease(lab, device.mac);
  await lab.removeDevice(device);
  await waitForStatus(lab, device.mac, "inactive");
  await lab.gateway.waitForOutput(/forgotten/);
  await lab.gateway.waitFor(
    "the lease is released at the server",
    async () => ((await lab.wan.dhcp?.leases()) ?? []).length === 0,
  );
  await lab.gateway.waitFor("nothing of it is in the kernel", async () => {
    const { links, rules, routes, nftables } = await lab.gateway.kernelState();
    const left = [...links, ...rules, ...routes, ...nftables].filter((l) =>
      /gw00005e005301|"table":"1000/.test(l),
    );
    return left.length === 0;
  });
});
