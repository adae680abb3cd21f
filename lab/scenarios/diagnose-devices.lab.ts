/** `gateway diagnose`: what is wrong with devices, and with the network around them, is named. */
import { join } from "node:path";
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { scenario } from "../scenario.ts";
import { createDhcpServer } from "../servers/dhcp-server.ts";
import { dnsmasq } from "../servers/dnsmasq.ts";
import { diagnosable, diagnose, dualStack, expectCause, expectHealthy } from "../suites/diagnose.ts";
import { addDhcpDevice, registered, startGateway } from "../suites/network.ts";
import { addServingDevice, waitForAddresses } from "../suites/reach.ts";

scenario(
  "a MAC that is not registered; a second DHCP server on the LAN; no IPv6 router; the router is gone",
  { wan: { ...dualStack.wan, registered: registered(1) } },
  async (lab) => {
    await startGateway(lab, diagnosable);
    const good = await addServingDevice(lab, 1, { web: [80] });
    const stranger = await addServingDevice(lab, 2, { web: [80] });
    await waitForAddresses(lab, good, { four: 1, six: 1 });
    const found = await expectCause(lab, "unanswered", /does not answer 1 device: probably not registered/);
    const finding = found.findings.find(({ check }) => check === "unanswered");
    expect(finding?.evidence.join()).toContain(stranger.mac);
    expect(finding?.evidence.join()).not.toContain(good.mac);
    await lab.wan.firewall.register(stranger.mac);
    await waitForAddresses(lab, stranger, { four: 1, six: 1 });
    await expectHealthy(lab);

    const other = await lab.addDevice({
      name: "rogue",
      mac: deviceMac(9),
      address: { ip: "192.168.1.250/24" },
    });
    const rogue = createDhcpServer(
      dnsmasq,
      { namespace: other.namespace, interface: "eth0", directory: join(lab.directory, "rogue") },
      {
        ...{ subnet: "192.168.1.0/24", poolStart: "192.168.1.200", poolEnd: "192.168.1.240" },
        ...{ leaseSeconds: 600, router: "192.168.1.250", dns: ["192.168.1.250"] },
      },
    );
    await rogue.start();
    const besides = ["unanswered", "devices"];
    const second = await expectCause(lab, "second-dhcp-server", /Another DHCP server/, besides);
    const offers = second.findings.find(({ check }) => check === "second-dhcp-server")?.evidence ?? [];
    expect(offers.join()).toContain(`192.168.1.250 (${deviceMac(9)}) offered 192.168.1.2`);
    await rogue.stop();
    await lab.removeDevice(other);

    await lab.wan.routers[0].ra?.stop();
    await expectCause(lab, "ipv6-router", /No IPv6 router advertises itself any more/, ["dns", ...besides]);
    const around = ["dns", "ipv6-router", "wan-silence", "leases", "router-neighbours", ...besides];
    await lab.wan.firewall.setPort("router", "down");
    await expectCause(lab, "router-answers", /The router answers none/, around);
  },
);

scenario(
  "an address that another host has",
  {
    wan: {
      registered: registered(1),
      dhcpOptions: { poolStart: "198.51.100.100", poolEnd: "198.51.100.100" },
    },
  },
  async (lab) => {
    const holder = await lab.wan.addHost({ name: "holder", ip: "198.51.100.100", mac: deviceMac(66) });
    await startGateway(lab, diagnosable);
    await addDhcpDevice(lab, 1);
    const found = await expectCause(lab, "rival-identities", /uses the address/, [
      "devices",
      "unanswered",
      "dns",
    ]);
    const finding = found.findings.find(({ check }) => check === "rival-identities");
    expect(finding?.evidence.join()).toContain(`198.51.100.100 is in use by ${deviceMac(66)}`);
    expect(holder.name).toContain("holder");
  },
);

scenario(
  "IPv6 alone: without a NAT64 prefix diagnose says so, with one it does not",
  { wan: { ipv4: false, ipv6: {}, registered: registered(1, 2), clients: ["ipv6"] } },
  async (lab) => {
    await startGateway(lab, diagnosable);
    const device = await addServingDevice(lab, 1, { web: [80] });
    await waitForAddresses(lab, device, { four: 0, six: 1 });
    await expectCause(lab, "nat64", /NAT64 prefix is not known/, ["dns", "devices", "unanswered"]);
    await lab.wan.announce({ pref64: "2001:db8:64::/96" });
    const now = await lab.gateway.waitFor(
      "NAT64 is known",
      async () => {
        const { findings } = await diagnose(lab);
        return findings.find(({ check }) => check === "nat64")?.text.includes("2001:db8:64::/96");
      },
      { timeoutMs: 40_000, everyMs: 500 },
    );
    expect(now).toBe(true);
  },
);
