/** What comes upon an installation on OpenWrt: missing kernel parts, removal, firmware upgrades, the original before it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import { activeDevice, changedLines } from "../suites/install.ts";
import { addDhcpDevice, expectReachesInternet, registered } from "../suites/network.ts";
import { systemDnsmasq, withoutModules } from "../suites/openwrt.ts";
import { openWrt, runningDnsmasq } from "../suites/openwrt-place.ts";

const wan = { registered: registered(1) };
const program = "usr/lib/ipv4-ipv6-gateway";

scenario(
  "OpenWrt: kernel parts that are missing are named, or installed, before the network is touched",
  { wan },
  async (lab) => {
    const { root, before, install } = await openWrt(lab, withoutModules);
    const refused = await install(undefined, "--offline");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("the kernel has no macvlan; install the package kmod-macvlan");
    expect(refused.stderr).toContain("install the package kmod-nft-tproxy");
    expect(refused.stderr).not.toContain("kmod-nft-nat");
    expect(refused.stdout).toContain("tayga is not installed");
    await root.write("tmp/opkg-unknown", "kmod-macvlan\n");
    const unknown = await install();
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining("the packages could not be installed"),
    ]);
    expect(changedLines(before, await root.tree())).toEqual([]);
    await root.write("tmp/opkg-unknown", "");
    const done = await install();
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect((await root.read("tmp/opkg-installed")).trim().split("\n")).toEqual([
      "kmod-macvlan",
      "kmod-nft-tproxy",
    ]);
    const device = await addDhcpDevice(lab);
    await expectReachesInternet(lab, device, await activeDevice(root, device.mac));
  },
);

scenario("OpenWrt: what could not be restored at removal is restored later", { wan }, async (lab) => {
  const { root, archive, before, uci, install } = await openWrt(lab);
  const uciBefore = await uci();
  await asOlderVersion(root);
  expect((await install(undefined, "--offline")).code).toBe(0);
  expect(await systemDnsmasq(root)).toEqual(runningDnsmasq);
  await root.write("tmp/uci-refuses", "commit\n");
  const gone = await root.run([`/${program}/uninstall.sh`, "--purge"]);
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("the network is NOT as it was")]);
  expect(await root.exists(program)).toBe(false);
  expect(await root.exists("etc/ipv4-ipv6-gateway/devices.json")).toBe(false);
  expect(await root.exists("etc/ipv4-ipv6-gateway/network-before")).toBe(true);
  await rm(join(root.directory, "tmp/uci-refuses"));
  const later = await root.run([`${archive}/uninstall.sh`, "--restore-network", "--purge"]);
  expect([later.code, later.stderr]).toEqual([0, ""]);
  expect(await uci()).toEqual(uciBefore);
  expect(changedLines(before, await root.tree())).toEqual([]);
});

/** Before dnsmasq's resolvers were where the boot makes room. */
async function asOlderVersion(root: Root): Promise<void> {
  const key = "dhcp.@dnsmasq[0].resolvfile";
  await root.write(
    "etc/ipv4-ipv6-gateway/network-before",
    `set ${key}=/tmp/resolv.conf.d/resolv.conf.auto\n`,
  );
  await root.run(["uci", "set", `${key}=/var/run/ipv4-ipv6-gateway/resolv.conf`]);
  await root.run(["uci", "commit", "dhcp"]);
  await root.run(["/etc/init.d/dnsmasq", "restart"]);
  // What made this necessary.
  expect(await systemDnsmasq(root)).toEqual({ code: "5", runs: false });
}

/** As sysupgrade does: what keep.d names is taken along, and the rest of the root is the firmware's. */
async function upgradeFirmware(root: Root): Promise<void> {
  const script = `set -e
    tar -cf /tmp/kept.tar $(find $(cat /lib/upgrade/keep.d/* | sed '/^#/d') /etc/config -type f -o -type l | sort -u)
    kill $(cat /tmp/procd.pid) && while [ -d /proc/$(cat /tmp/procd.pid) ]; do sleep 0.1; done
    gateway cleanup
    while read -r file; do rm -f "$file"; done </${program}/files
    rm -rf /${program} /etc/ipv4-ipv6-gateway /run/ipv4-ipv6-gateway /etc/rc.d/S??ipv4-ipv6-gateway /tmp/procd.*
    tar -xf /tmp/kept.tar -C /`;
  const { code, stderr } = await root.run(["sh", "-c", script]);
  expect([code, stderr.replace(/tar: removing leading '\/' from member names\n/, "")]).toEqual([0, ""]);
}

/** As the boot does, before the network comes up. */
const applyDefaults = (root: Root) =>
  root.run([
    "sh",
    "-c",
    'cd /etc/uci-defaults; for file in *; do ( . "./$file" ) && rm -f "$file"; done; true',
  ]);

scenario(
  "OpenWrt: after a firmware upgrade the router works without the program, and it comes back with its settings",
  { wan },
  async (lab) => {
    const { root, uci, install } = await openWrt(lab);
    const uciBefore = await uci();
    expect((await install(undefined, "--offline")).code).toBe(0);
    const uciWith = await uci();
    await root.run(["uci", "set", "ipv4-ipv6-gateway.pacing=gateway"]);
    await root.run(["uci", "set", "ipv4-ipv6-gateway.pacing.profile=switch-safe"]);
    await root.run(["uci", "commit", "ipv4-ipv6-gateway"]);
    const device = await addDhcpDevice(lab);
    await activeDevice(root, device.mac);

    // Other boots change nothing.
    await applyDefaults(root);
    expect(await uci()).toEqual(uciWith);
    await upgradeFirmware(root);
    expect(await uci()).toEqual(uciWith);
    await applyDefaults(root);
    expect(await uci()).toEqual(uciBefore);
    expect(await root.exists("etc/uci-defaults/96-ipv4-ipv6-gateway-lost")).toBe(false);

    const again = await install(undefined, "--offline");
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(await uci()).toEqual(uciWith);
    expect(await root.read("etc/config/ipv4-ipv6-gateway")).toContain("option profile 'switch-safe'");
    await expectReachesInternet(lab, device, await activeDevice(root, device.mac));
  },
);

const originalConfig = `#!/usr/bin/env python3
ETH0_INTERFACE = "eth0"
ETH1_INTERFACE = "eth1"
LAN_GATEWAY_IP = "192.168.1.1"
DHCPV4_TIMEOUT = 20
AUTO_PORT_FORWARDS = {8080: 80, 2323: 23}
API_HOST = "0.0.0.0"
`;

scenario(
  "OpenWrt: the original's settings are taken over as UCI, and its MAC on the WAN port is taken away",
  { wan },
  async (lab) => {
    const { root, archive, before, install } = await openWrt(lab, async (root) => {
      await root.write("opt/ipv4-ipv6-gateway/gateway_config.py", originalConfig);
      const network = await root.read("etc/config/network");
      const wanMac = "config interface 'wan'\n\toption device 'eth0'\n\toption proto 'dhcp'\n";
      await root.write(
        "etc/config/network",
        network.replace(wanMac, `${wanMac}\toption macaddr '02:00:5e:10:00:01'\n`),
      );
    });
    expect(await root.read("etc/config/network")).toContain("option macaddr");
    const done = await install(undefined, "--offline");
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toContain("taken over from /opt/ipv4-ipv6-gateway/gateway_config.py");
    expect(done.stdout).toContain("network.wan.macaddr: 02:00:5e:10:00:01 -> (not set)");
    expect(await root.read("etc/config/network")).not.toContain("option macaddr");
    const own = await root.read("etc/config/ipv4-ipv6-gateway");
    // The router's own names of its ports count.
    for (const line of [
      "option interface 'br-lan'",
      "option timeout '20'",
      "list ports '8080:80'",
      "option runtime_directory '/var/run/ipv4-ipv6-gateway'",
    ])
      expect(own).toContain(line);
    expect(await root.read("etc/ipv4-ipv6-gateway/import-notes")).toContain("API_HOST is left out");
    const device = await addDhcpDevice(lab);
    await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

    const gone = await root.run([`${archive}/uninstall.sh`, "--purge"]);
    expect([gone.code, gone.stderr]).toEqual([0, ""]);
    // An option that comes back stands last in its section.
    expect(
      changedLines(before, await root.tree()).filter((line) => !/ etc\/config\/network /.test(line)),
    ).toEqual([]);
    expect(await root.read("etc/config/network")).toContain("option macaddr '02:00:5e:10:00:01'");
  },
);
