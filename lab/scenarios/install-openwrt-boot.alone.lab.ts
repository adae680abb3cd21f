/** An OpenWrt router works before the gateway does: at each boot, and when an installation fails. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { activeDevice, changedLines, nextVersion } from "../suites/install.ts";
import { addDhcpDevice, expectReachesInternet, registered } from "../suites/network.ts";
import { bootTmp, systemDnsmasq } from "../suites/openwrt.ts";
import { openWrt, runningDnsmasq } from "../suites/openwrt-place.ts";
import { waitFor } from "../wait.ts";

const wan = { registered: registered(1) };
const service = "/etc/init.d/ipv4-ipv6-gateway";

scenario(
  "OpenWrt: the system's dnsmasq runs at installation, at each boot before the gateway, and afterwards",
  { wan },
  async (lab) => {
    const { root, archive, before, install } = await openWrt(lab);
    const first = await install();
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(await systemDnsmasq(root)).toEqual(runningDnsmasq);
    expect(await root.read("tmp/dnsmasq.conf")).toContain(
      "resolv-file=/tmp/resolv.conf.d/ipv4-ipv6-gateway.conf\n",
    );

    // A boot: tmpfs is empty but for what base-files makes, and dnsmasq comes long before the gateway.
    await root.run([service, "cleanup"]);
    await root.run(["/etc/init.d/dnsmasq", "stop"]);
    for (const place of ["tmp/resolv.conf.d", "run/ipv4-ipv6-gateway"])
      await rm(join(root.directory, place), { recursive: true });
    await bootTmp(root);
    await root.run(["/etc/init.d/dnsmasq", "start"]);
    expect(await systemDnsmasq(root)).toEqual(runningDnsmasq);
    const device = await addDhcpDevice(lab);
    expect((await root.run([service, "start"])).code).toBe(0);
    await expectReachesInternet(lab, device, await activeDevice(root, device.mac));
    // The resolvers that the device's lease named are asked by the system's own server; ours is not started.
    await waitFor("the LAN's names are resolved", async () => {
      const asked = ["busybox", "nslookup", "-type=a", "www.lab.example", "192.168.1.1"];
      return (await device.namespace.run(asked, { mayFail: true })).code === 0;
    });
    expect(await root.exists("run/ipv4-ipv6-gateway/dnsmasq.conf")).toBe(false);

    // No option: the router must go on without the gateway.
    const gone = await root.run([`${archive}/uninstall.sh`, "--purge"]);
    expect([gone.code, gone.stderr]).toEqual([0, ""]);
    expect(changedLines(before, await root.tree())).toEqual([]);
    expect(await systemDnsmasq(root)).toEqual(runningDnsmasq);
    expect(await root.read("tmp/dnsmasq.conf")).toContain(
      "resolv-file=/tmp/resolv.conf.d/resolv.conf.auto\n",
    );
    expect(await root.exists("tmp/resolv.conf.d/ipv4-ipv6-gateway.conf")).toBe(false);
  },
);

scenario(
  "OpenWrt: a first installation that fails leaves nothing, and named interfaces are honoured or refused",
  { wan },
  async (lab) => {
    const { root, archive, before, install } = await openWrt(lab);
    for (const [options, complaint] of [
      [["--lan", "br-lan", "--wan", "eth1"], "--wan eth1: in UCI network.wan.device is eth0"],
      [["--lan", "eth1", "--wan", "eth0"], "--lan eth1: in UCI network.lan.device is br-lan"],
    ] as const) {
      const refused = await install(undefined, "--offline", ...options);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(complaint)]);
    }
    const named = await install(undefined, "--offline", "--dry-run", "--lan", "br-lan", "--wan", "eth0");
    expect([named.code, named.stdout]).toEqual([
      0,
      expect.stringContaining("all good: LAN br-lan, WAN eth0"),
    ]);

    // The program says that it is good, and does not serve.
    const mute = await nextVersion(root, archive, "9.9.9", (bundle) =>
      bundle.replace("await import", 'if (process.argv[2] === "run") process.exit(1);\nawait import'),
    );
    const failed = await install(mute, "--offline");
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("the gateway does not start")]);
    expect(failed.stdout).toContain("==> Undoing");
    expect(changedLines(before, await root.tree())).toEqual([]);
    expect(await systemDnsmasq(root)).toEqual(runningDnsmasq);

    // UCI fails in the middle: none of it is kept.
    await root.write("tmp/uci-refuses", "dhcp.@dnsmasq[0].noping\n");
    const half = await install(undefined, "--offline");
    expect([half.code, half.stderr]).toEqual([1, expect.stringContaining("UCI refused a change")]);
    expect(changedLines(before, await root.tree())).toEqual([]);
    // Nor can it be put back: what is needed for that stays, and nothing else.
    await root.write("tmp/uci-refuses", "commit\n");
    const stuck = await install(undefined, "--offline");
    expect([stuck.code, stuck.stderr]).toEqual([1, expect.stringContaining("UCI refuses to be put back")]);
    expect(changedLines(before, await root.tree())).toEqual(
      ["/", "/network-before", "/openwrt-network"].map((name) =>
        expect.stringMatching(new RegExp(`^\\+ etc/ipv4-ipv6-gateway${name} `)),
      ),
    );
    await rm(join(root.directory, "tmp/uci-refuses"));
    const good = await install(undefined, "--offline");
    expect([good.code, good.stderr]).toEqual([0, ""]);
  },
);
