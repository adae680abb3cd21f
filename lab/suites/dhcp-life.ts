/** How devices come up on a network, and stay up over crashes: the same against each DHCP server. */
import { expect } from "vitest";
import { parseDhcp4Frame } from "../../src/wire/dhcp4/frame.ts";
import { deviceMac } from "../description.ts";
import { readPcap } from "../pcap.ts";
import { scenario } from "../scenario.ts";
import type { DhcpServerKind } from "../servers/dhcp-server.ts";
import { packetsOf } from "../switch-counters.ts";
import {
  addDhcpDevice,
  expectNoDrops,
  expectReachesInternet,
  identityAddresses,
  network,
  registered,
  server,
  startGateway,
  waitForLease,
  waitForStatus,
} from "./network.ts";

export function lifeScenarios(dhcp: DhcpServerKind): void {
  scenario(
    `${dhcp}: two DHCP devices and a static one talk at once under their own names`,
    network(dhcp),
    async (lab) => {
      await startGateway(lab);
      const first = await addDhcpDevice(lab, 1);
      const second = await addDhcpDevice(lab, 2);
      const fixed = await lab.addDevice({
        name: "d3",
        mac: deviceMac(3),
        address: { ip: "192.168.1.50/24", router: "192.168.1.1" },
      });
      await Promise.all([first.waitForIp(), second.waitForIp()]);
      // Its first packet to anywhere is what gives a device with a static address away.
      await fixed.ping(lab.wan.internet.ip);
      const devices = [first, second, fixed];
      const addresses = await Promise.all(devices.map((d) => waitForLease(lab, d.mac)));
      expect(new Set(addresses).size).toBe(3);
      await lab.wan.firewall.resetCounters();
      const { ip } = lab.wan.internet;
      await Promise.all(
        devices.flatMap((device, i) => [
          expectReachesInternet(lab, device, addresses[i] ?? ""),
          device.ping(ip, 10).then((answered) => expect(answered).toBe(true)),
          device
            .udp(ip, 7, `datagram of ${device.name}`, 20)
            .then((echoes) => expect(echoes).toHaveLength(20)),
          device
            .talk(ip, 23, `${device.name} speaks`)
            .then((lines) => expect(lines.join(" ")).toContain(`${device.name} speaks`)),
          device
            .fetch(`http://${ip}/slow?bytes=2000000&rate=1000000`, 20)
            .then((body) => expect(body.length).toBe(2_000_000)),
        ]),
      );
      await expectNoDrops(lab);
      const { seen } = await lab.wan.firewall.counters();
      for (const device of devices) expect(packetsOf(seen, device.mac)).toBeGreaterThan(50);
      expect([...seen.keys()].sort()).toEqual(devices.map((d) => d.mac).sort());
      const rows = await lab.gateway.devices();
      expect(rows.find((r) => r.mac_address === first.mac)?.hostname).toBe("host-1");
    },
  );

  scenario(`${dhcp}: the server sees each device's own fingerprint`, network(dhcp), async (lab) => {
    await startGateway(lab);
    const lan = await lab.capture("lan", "fingerprint-lan", ["udp", "dst", "port", "67"]);
    const wan = await lab.capture("wan", "fingerprint-wan", ["udp", "dst", "port", "67"]);
    const device = await addDhcpDevice(lab, 1);
    await waitForLease(lab, device.mac);
    await Promise.all([lan.stop(), wan.stop()]);
    const [own, shown] = await Promise.all([
      fingerprints(lan.file, device.mac),
      fingerprints(wan.file, device.mac),
    ]);
    expect(own[0]?.hostName).toBe("host-1");
    expect(own[0]?.parameterList?.length).toBeGreaterThan(3);
    expect(shown.length).toBeGreaterThanOrEqual(2);
    for (const fingerprint of shown) expect(fingerprint).toEqual(own[0]);
  });

  scenario(`${dhcp}: an address another host uses is declined`, network(dhcp), async (lab) => {
    // The pool has three addresses; a host that knows nothing of DHCP sits on each of the first two.
    await server(lab).restart(
      { poolStart: "198.51.100.100", poolEnd: "198.51.100.102" },
      { forgetLeases: true },
    );
    await lab.wan.clients[0]?.namespace.ip([
      "addr add 198.51.100.100/24 dev eth0",
      "addr add 198.51.100.101/24 dev eth0",
    ]);
    await startGateway(lab);
    const device = await addDhcpDevice(lab, 1);
    const ip = await waitForLease(lab, device.mac, 60_000);
    expect(ip).toBe("198.51.100.102");
    const conflicts = lab.gateway.output.filter((line) => /Address conflict/.test(line));
    if (conflicts.length > 0) expect(server(lab).log().join("\n")).toMatch(/DECLINE/i);
    await expectReachesInternet(lab, device, ip);
  });

  scenario(
    `${dhcp}: killed and started again, the gateway drops no connection and keeps the address`,
    network(dhcp),
    async (lab) => {
      await startGateway(lab);
      const device = await addDhcpDevice(lab, 1);
      const ip = await waitForLease(lab, device.mac);
      const bytes = 8_000_000;
      const download = device.download(`http://${lab.wan.internet.ip}/slow?bytes=${bytes}&rate=800000`);
      await lab.gateway.waitFor("the download runs", () => download.received() > 500_000);
      await lab.wan.firewall.resetCounters();
      await lab.gateway.stop("SIGKILL");
      expect(await identityAddresses(lab, device.mac)).toEqual([ip]);
      const from = lab.gateway.output.length;
      lab.gateway.start();
      await lab.gateway.waitForOutput(/Gateway runs/, { from });
      expect(download.running).toBe(true);
      await lab.gateway.waitForOutput(/DHCPv4 obtained .*how=init-reboot/, { from });
      expect(await waitForLease(lab, device.mac)).toBe(ip);
      expect(await download.finished).toEqual({ code: 0, bytes });
      await expectNoDrops(lab);
      expect((await server(lab).leases()).filter((l) => l.mac === device.mac)).toHaveLength(1);
    },
  );

  scenario(
    `${dhcp}: the server is away at first and comes later`,
    network(dhcp, { dhcpStarted: false }),
    async (lab) => {
      await startGateway(lab);
      const device = await addDhcpDevice(lab, 1);
      const failed = await waitForStatus(lab, device.mac, "failed");
      expect(failed.reason).toMatch(/no answer to DHCP: is this MAC registered/);
      await server(lab).start();
      const ip = await waitForLease(lab, device.mac, 60_000);
      await expectReachesInternet(lab, device, ip);
    },
  );

  scenario(
    `${dhcp}: a MAC registered late comes up by itself`,
    network(dhcp, { registered: registered(2) }),
    async (lab) => {
      await startGateway(lab);
      const late = await addDhcpDevice(lab, 1);
      const early = await addDhcpDevice(lab, 2);
      await waitForLease(lab, early.mac);
      const failed = await waitForStatus(lab, late.mac, "failed");
      expect(failed.reason).toMatch(/is this MAC registered/);
      expect(packetsOf((await lab.wan.firewall.counters()).unregistered, late.mac)).toBeGreaterThan(0);
      await lab.wan.firewall.register(late.mac);
      const ip = await waitForLease(lab, late.mac, 60_000);
      await expectReachesInternet(lab, late, ip);
    },
    // In the middle of an attempt at DHCPv6 the switch has not heard of the address yet that it comes from.
    { guardDrops: "allowed" },
  );
}

/** Options 12, 55, 57, 60 and 61 of each DISCOVER and REQUEST in a capture. */
async function fingerprints(file: string, mac: string) {
  return (await readPcap(file)).flatMap((bytes) => {
    const frame = parseDhcp4Frame(bytes);
    if (!frame.ok || frame.value.message.chaddr !== mac) return [];
    const { hostName, parameterList, maxMessageSize, vendorClass, clientId } = frame.value.message.options;
    return [{ hostName, parameterList, maxMessageSize, vendorClass, clientId }];
  });
}
