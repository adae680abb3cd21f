/** install.sh and uninstall.sh on a system like OpenWrt 24.10 and 25.12: ash, UCI changes, procd. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { diffKernelStates } from "../kernel-state.ts";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import {
  activeDevice,
  changedLines,
  createRoot,
  needs,
  needsWithNode,
  unpackArchive,
} from "../suites/install.ts";
import { brokenIpk, buildIpk } from "../suites/ipk.ts";
import { addDhcpDevice, expectReachesInternet, registered } from "../suites/network.ts";
import { bridgeLan, furnish, type Release } from "../suites/openwrt.ts";
import { waitFor } from "../wait.ts";

const wan = { registered: registered(1) };
const name = "ipv4-ipv6-gateway";

/** What fw4 reads of ours. */
const firewallFiles = ["chain-pre/input", "chain-post/forward"].map(
  (place) => `usr/share/nftables.d/${place}/ipv4-ipv6-gateway.nft`,
);

/** What the files gain and lose, the same in both releases. */
const uciChanges = [
  "- etc/config/dhcp: option resolvfile '/tmp/resolv.conf.d/resolv.conf.auto'",
  "+ etc/config/dhcp: option resolvfile '/tmp/resolv.conf.d/ipv4-ipv6-gateway.conf'",
  "+ etc/config/dhcp: option noping '1'",
  "+ etc/config/firewall: list device 'gw+'",
  "- etc/config/network: option proto 'dhcp'",
  "+ etc/config/network: option proto 'none'",
  "- etc/config/network: option proto 'dhcpv6'",
  "+ etc/config/network: option proto 'none'",
  "+ etc/config/network: config device 'gateway_wan'",
  "+ etc/config/network: option name 'eth0'",
  "+ etc/config/network: option ipv6 '0'",
];

for (const release of ["24.10", "25.12"] as const satisfies readonly Release[])
  scenario(
    `OpenWrt ${release}: single UCI changes, a procd instance, and all of it taken back`,
    { wan },
    async (lab) => {
      await bridgeLan(lab);
      const root = await createRoot(lab, { flavour: "busybox", programs: needs });
      await furnish(root, release);
      const archive = await unpackArchive(lab, root);
      const before = await root.tree();
      const files = ["dhcp", "firewall", "network"].map((name) => `etc/config/${name}`);
      const lines = async (): Promise<readonly string[]> =>
        (
          await Promise.all(
            files.map(async (f) => (await root.read(f)).split("\n").map((l) => `${f}: ${l.trim()}`)),
          )
        ).flat();
      const uciBefore = await lines();

      const dry = await root.run([`${archive}/install.sh`, "--full-auto", "--offline", "--dry-run"]);
      expect(dry.stdout).toContain("all good: LAN br-lan, WAN eth0");
      expect(dry.stdout).toContain("network.wan.proto: dhcp -> none");
      expect(changedLines(before, await root.tree())).toEqual([]);

      const first = await root.run([`${archive}/install.sh`, "--full-auto", "--offline"]);
      expect([first.code, first.stderr]).toEqual([0, ""]);
      expect(first.stdout).toContain("flow offloading is on");
      expect(difference(uciBefore, await lines()).sort()).toEqual([...uciChanges].sort());
      const own = await root.read("etc/config/ipv4-ipv6-gateway");
      for (const line of [
        "option interface 'br-lan'",
        "option address '192.168.1.1/24'",
        "option interface 'eth0'",
      ])
        expect(own).toContain(line);
      expect((await root.read("tmp/services.log")).split("\n")).toEqual([
        "network reload",
        "dnsmasq reload",
        "firewall reload",
        "",
      ]);
      expect((await root.read("tmp/procd.log")).trim().split("\n")).toEqual([
        "instance ipv4-ipv6-gateway",
        "param command /usr/bin/gateway run",
        "param file /etc/config/ipv4-ipv6-gateway",
        "param netdev br-lan eth0",
        "param respawn 3600 5 0",
        "param limits core=0 nofile=65536 65536",
        "param reload_signal HUP",
        "param stdout 1",
        "param stderr 1",
        "param term_timeout 20",
        "close",
        "reload_trigger ipv4-ipv6-gateway",
        "interface_trigger interface.*.up lan /etc/init.d/ipv4-ipv6-gateway start",
      ]);
      expect(await root.exists("etc/rc.d/S95ipv4-ipv6-gateway")).toBe(true);

      for (const file of firewallFiles) expect([file, await root.exists(file)]).toEqual([file, true]);

      const device = await addDhcpDevice(lab);
      await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

      const installed = await root.tree();
      const second = await root.run([`${archive}/install.sh`, "--full-auto", "--offline"]);
      expect([second.code, second.stdout]).toEqual([0, expect.stringContaining("nothing to do")]);
      const settled = (tree: readonly string[]) =>
        tree.filter((line) => !/^etc\/ipv4-ipv6-gateway\//.test(line));
      expect(changedLines(settled(installed), settled(await root.tree()))).toEqual([]);

      for (const verb of ["cleanup", "start"])
        expect(await root.run(["/etc/init.d/ipv4-ipv6-gateway", verb])).toMatchObject({
          code: 0,
          stderr: "",
        });
      await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

      await logFirewallFiles(root);
      const gone = await root.run([`${archive}/uninstall.sh`, "--purge"]);
      expect([gone.code, gone.stderr]).toEqual([0, ""]);
      expect(await root.read("tmp/firewall.log")).toBe("reload\n");
      await root.write("etc/init.d/firewall", await root.read("etc/init.d/network"), 0o755);
      expect(changedLines(before, await root.tree())).toEqual([]);
    },
  );

/** The firewall writes down that it was called, and which files of packages it finds: once, and none of ours, when they are removed. */
const logFirewallFiles = (root: Root): Promise<void> =>
  root.write(
    "etc/init.d/firewall",
    `#!/bin/sh\n{ echo "$*"; find /usr/share/nftables.d -type f 2>/dev/null; } >>/tmp/firewall.log\n`,
    0o755,
  );

/** What is there before the gateway's package comes. */
const installedPackages = ["libc", "node", "ip-full", "nftables-json", "dnsmasq", "kmod-macvlan"].concat(
  ["nat", "netdev", "tproxy", "socket"].map((name) => `kmod-nft-${name}`),
);

scenario("OpenWrt 24.10: the .ipk is installed, upgraded and removed by opkg", { wan }, async (lab) => {
  await bridgeLan(lab);
  const root = await createRoot(lab, { flavour: "busybox", programs: needsWithNode });
  await furnish(root, "24.10");
  const ipk = await buildIpk(lab, root);
  const opkg = (...words: readonly string[]) => root.run(["opkg", ...words]);
  await root.write("usr/lib/opkg/info/.keep", "");
  // The bridge's own address is looked for on the link first.
  await waitFor("the bridge has its address", async () => {
    const { stdout } = await lab.gateway.namespace.run([
      "ip",
      "-6",
      "-o",
      "address",
      "show",
      "dev",
      "br-lan",
    ]);
    return /fe80::/.test(stdout) && !/tentative/.test(stdout);
  });
  const before = { tree: await root.tree(), kernel: await lab.gateway.kernelState() };

  await root.write("tmp/opkg-installed", installedPackages.filter((name) => name !== "node").join("\n"));
  const refused = await opkg("install", ipk);
  expect([refused.code, refused.stderr]).toEqual([
    255,
    expect.stringContaining("dependencies for ipv4-ipv6-gateway: node"),
  ]);
  await root.write("tmp/opkg-installed", `${installedPackages.join("\n")}\n`);
  // UCI fails: in the middle of the changes, and when some of them are written already.
  const untouched = await uciText(root);
  for (const [refused, words] of [
    ["dhcp.@dnsmasq[0].noping", ["install", ipk]],
    ["commit firewall", ["configure", name]],
  ] as const) {
    await root.write("tmp/uci-refuses", `${refused}\n`);
    const half = await opkg(...words);
    expect([half.code, half.stderr]).toEqual([
      1,
      expect.stringMatching(/UCI refused a change[\s\S]*not started/),
    ]);
    expect(await root.run(["/etc/init.d/ipv4-ipv6-gateway", "start"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the router's settings are not made"),
    });
    expect(await uciText(root)).toEqual(untouched);
    expect(await root.exists("etc/ipv4-ipv6-gateway/network-before")).toBe(false);
  }
  await rm(join(root.directory, "tmp/uci-refuses"));
  const first = await opkg("configure", name);
  expect([first.code, first.stderr]).toEqual([0, ""]);
  expect(await root.exists("etc/rc.d/S95ipv4-ipv6-gateway")).toBe(true);
  expect(await root.exists("etc/uci-defaults/95-ipv4-ipv6-gateway")).toBe(false);
  const control = await root.read("usr/lib/opkg/info/ipv4-ipv6-gateway.control");
  expect(control).toContain("\nRecommends: haproxy\nSuggests: socat, tayga, kmod-tun\n");
  expect(await root.read("etc/config/network")).toContain("config device 'gateway_wan'");
  for (const file of firewallFiles) expect([file, await root.exists(file)]).toEqual([file, true]);
  const device = await addDhcpDevice(lab);
  await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

  const own = `${await root.read("etc/config/ipv4-ipv6-gateway")}\nconfig gateway 'pacing'\n\toption profile 'switch-safe'\n`;
  await root.write("etc/config/ipv4-ipv6-gateway", own);
  const download = device.download(`http://${lab.wan.internet.ip}/slow?bytes=100000000&rate=20000`);
  const upgraded = await opkg("install", ipk);
  expect(upgraded.stderr).toBe("");
  expect(upgraded.code).toBe(0);
  expect(await root.read("etc/config/ipv4-ipv6-gateway")).toBe(own);
  const goesOn = async (after: string): Promise<void> => {
    await activeDevice(root, device.mac);
    const had = download.received();
    await waitFor(`the download goes on after ${after}`, () => download.received() > had);
  };
  await goesOn("an upgrade");
  const broken = await brokenIpk(lab, root, ipk);
  // The second time it is only configured.
  for (const words of [
    ["install", broken],
    ["configure", name],
  ]) {
    const failed = await root.run(["opkg", ...words], { GATEWAY_START_SECONDS: "15" });
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringContaining(
        "The version before runs again; the new one is in /usr/lib/ipv4-ipv6-gateway.failed",
      ),
    ]);
    await goesOn(`the failure of ${words[0]}`);
  }
  expect(await opkg("install", ipk)).toMatchObject({ code: 0, stderr: "" });
  for (const old of ["old", "failed"]) expect(await root.exists(`usr/lib/${name}.${old}`)).toBe(false);
  await goesOn("another upgrade");
  const service = async (verb: string, env = {}): Promise<void> => {
    const { code, stderr } = await root.run(["/etc/init.d/ipv4-ipv6-gateway", verb], env);
    expect([verb, code, stderr]).toEqual([verb, 0, ""]);
  };
  for (const verb of ["restart", "reload"]) {
    await service(verb);
    await goesOn(verb);
  }
  // As the scripts of packages from OpenWrt's build do, and the machine's shutdown.
  for (const [verb, env] of [
    ["stop", { PKG_UPGRADE: "1" }],
    ["shutdown", {}],
  ] as const) {
    await service(verb, env);
    await service("start");
    await goesOn(verb);
  }
  await download.stop();

  // A bridge and its port have timers that run.
  const leftInKernel = async (): Promise<readonly string[]> =>
    diffKernelStates(before.kernel, await lab.gateway.kernelState()).filter(
      (line) => !/"ifname":"(br-lan|eth1)"/.test(line),
    );
  await service("stop");
  expect(await leftInKernel()).toEqual([]);
  await service("start");
  await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

  await logFirewallFiles(root);
  // Somebody's zone ahead of ours, which so has another number.
  const guest = "config zone\n\toption name 'guest'\n\tlist device 'guest0'\n\n";
  await root.write("etc/config/firewall", `${guest}${await root.read("etc/config/firewall")}`);
  const gone = await opkg("remove", name);
  expect(await root.read("tmp/firewall.log")).toBe("reload\n");
  expect([gone.code, gone.stderr]).toEqual([0, ""]);
  await root.write("etc/init.d/firewall", await root.read("etc/init.d/network"), 0o755);
  const firewall = await root.read("etc/config/firewall");
  expect(firewall).toContain("guest0");
  expect(firewall).not.toContain("gw+");
  await root.write("etc/config/firewall", untouched[1] ?? "");
  const left = changedLines(before.tree, await root.tree()).filter(
    (line) => !line.startsWith("+ etc/ipv4-ipv6-gateway/"),
  );
  expect(left).toEqual([
    expect.stringMatching(/^\+ etc\/config\/ipv4-ipv6-gateway /),
    expect.stringMatching(/^\+ etc\/config\/ipv4-ipv6-gateway-opkg /),
  ]);
  expect(await leftInKernel()).toEqual([]);
});

/** What the router's own settings are. */
const uciText = (root: Root): Promise<readonly string[]> =>
  Promise.all(["dhcp", "firewall", "network"].map((config) => root.read(`etc/config/${config}`)));

/** With repeated lines counted, as changedLines does not. */
function difference(before: readonly string[], after: readonly string[]): string[] {
  const left = [...before];
  const added = after.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [...left.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)].filter(
    (l) => !/: $/.test(l),
  );
}
