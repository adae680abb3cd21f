/** install.sh on a small Linux: what it refuses, what it takes back, what packages bring, and who else configures the WAN port. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { RunResult } from "../exec.ts";
import { diffKernelStates } from "../kernel-state.ts";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import {
  changedLines,
  createRoot,
  needs,
  nextVersion,
  unpackArchive,
  unpackSmallArchive,
} from "../suites/install.ts";
import { registered } from "../suites/network.ts";
import type { Lab } from "../topology.ts";

const wan = { registered: registered(1) };
const lib = "usr/lib/ipv4-ipv6-gateway";
const own = "198.51.100.77";

type Install = (...args: readonly string[]) => Promise<RunResult>;
const installer =
  (root: Root, archive: string, env: Readonly<Record<string, string>> = {}): Install =>
  (...args) =>
    root.run([`${archive}/install.sh`, "--full-auto", ...args], { GATEWAY_START_SECONDS: "6", ...env });

/** The daemon leaves something in the kernel, and ends; other commands are as they were. */
const endsAtOnce = (bundle: string): string => `#!/usr/bin/env node
import { spawnSync } from "node:child_process";
if (process.argv.includes("run")) {
  spawnSync("ip", "rule add pref 20000 from 192.0.2.1 lookup main protocol 71".split(" "));
  process.exit(1);
}
${bundle.split("\n")[1]}
`;

scenario(
  "a first installation that fails leaves nothing, a failed upgrade no file of its own",
  { wan },
  async (lab) => {
    const root = await createRoot(lab, { flavour: "debian", programs: needs });
    const archive = await unpackArchive(lab, root);
    const broken = await nextVersion(root, archive, "0.1.2", endsAtOnce);
    const sysctl = "usr/lib/sysctl.d/60-ipv4-ipv6-gateway.conf";
    await root.write(`${broken}/deploy/linux/${sysctl}`, "# of 0.1.2\n");
    const before = { tree: await root.tree(), kernel: await lab.gateway.kernelState() };

    const failed = await installer(root, broken)("--offline");
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringContaining("the gateway does not start; all of it was taken back"),
    ]);
    expect(changedLines(before.tree, await root.tree())).toEqual([]);
    const kernel = diffKernelStates(before.kernel, await lab.gateway.kernelState());
    expect(kernel, kernel.join("\n")).toEqual([]);
    expect(failed.stdout).toMatch(/1 rule/);

    // Whatever directory the daemon is told to use while it runs.
    const config =
      '[lan]\ninterface = "eth1"\n[wan]\ninterface = "eth0"\n[state]\nruntime_directory = "/run/elsewhere"\n';
    await root.write("etc/ipv4-ipv6-gateway/gateway.toml", config);
    const first = await installer(root, archive, { GATEWAY_START_SECONDS: "30" })("--offline");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(await root.read(sysctl)).toContain("gc_thresh");

    // A file beside the program counts as well.
    await root.write(`${lib}/uninstall.sh`, "#!/bin/sh\n");
    const mended = await installer(root, archive, { GATEWAY_START_SECONDS: "30" })("--offline");
    expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining(`program in /${lib}`)]);
    expect(await root.read(`${lib}/uninstall.sh`)).toContain("takes the gateway away");

    const settled = async (): Promise<readonly string[]> =>
      (await root.tree()).filter(
        (line) => !/^(usr\/lib\/ipv4-ipv6-gateway\.failed|etc\/ipv4-ipv6-gateway\/\w|var\/log\/)/.test(line),
      );
    const installed = await settled();
    const upgrade = await installer(root, broken, { GATEWAY_START_SECONDS: "30" })("--offline");
    expect([upgrade.code, upgrade.stderr]).toEqual([
      1,
      expect.stringContaining("version 0.1.2 did not start within 30 s; 0.1.0 runs again"),
    ]);
    expect(changedLines(installed, await settled())).toEqual([]);
    expect(await root.run(["sh", `/${lib}/uninstall.sh`, "--purge"])).toMatchObject({ code: 0 });
  },
);

/** The machine is itself on the network by the WAN port. */
async function ownWayOut(lab: Lab): Promise<void> {
  await lab.gateway.namespace.ip([
    `address add ${own}/24 dev eth0`,
    "link set eth0 up",
    "route add default via 198.51.100.1 dev eth0",
  ]);
}

scenario(
  "a WAN port that the machine itself is reached by is taken only when told, and never beside a DHCP client",
  { wan },
  async (lab) => {
    await ownWayOut(lab);
    const root = await createRoot(lab, { flavour: "debian", programs: needs });
    const archive = await unpackArchive(lab, root);
    const before = await root.tree();
    const tries = installer(root, archive);
    const refused = await tries("--offline");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`eth0 is how this machine itself is on the network (${own}/24 default route)`),
    ]);
    expect(refused.stderr).toContain("--own-mac use ");
    expect(refused.stderr).not.toContain("SSH");
    const over = { SSH_CONNECTION: `198.51.100.5 40000 ${own} 22` };
    expect((await installer(root, archive, over)("--offline")).stderr).toContain(
      "YOUR SSH CONNECTION GOES OVER eth0",
    );
    // As by sudo, which hides it.
    const hidden = [
      "sh",
      "-c",
      'env -u SSH_CONNECTION "$0" "$@"; exit $?',
      `${archive}/install.sh`,
      "--full-auto",
    ];
    expect((await root.run(hidden, over)).stderr).toContain("YOUR SSH CONNECTION GOES OVER eth0");
    const used = await tries("--offline", "--dry-run", "--own-mac", "use");
    expect([used.code, used.stderr]).toEqual([0, ""]);
    const told = await tries("--offline", "--dry-run", "--own-mac", "silent");
    expect([told.code, told.stdout]).toEqual([
      0,
      expect.stringContaining("whoever is logged in over it is cut off"),
    ]);

    await root.write("usr/bin/ifup", "#!/bin/sh\n", 0o755);
    await root.write(
      "etc/network/interfaces",
      "auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n",
    );
    await root.program("udhcpc", "busybox");
    const client = await root.run(["sh", "-c", "udhcpc -f -i eth0 -s /bin/true >/dev/null 2>&1 & echo $!"]);
    const beside = await tries("--offline", "--own-mac", "silent");
    expect([beside.code, beside.stderr]).toEqual([
      1,
      expect.stringContaining("/etc/network/interfaces has ifupdown configure eth0 (dhcp)"),
    ]);
    expect(beside.stderr).toMatch(/udhcpc \(process \d+\) asks for an address on eth0/);
    await root.run(["kill", client.stdout.trim()]);
    for (const path of ["usr/bin/ifup", "usr/bin/udhcpc", "etc/network"])
      await rm(join(root.directory, path), { recursive: true });
    expect(changedLines(before, await root.tree())).toEqual([]);
  },
  { ownMac: "use" },
);

/** It writes down what it is told; nmcli says that NetworkManager runs, and "serve" stays there as a daemon would. */
const recorder = `#!/bin/sh
case "$*" in "-t -f RUNNING general") echo running; exit ;; serve) sleep 600 ;; esac
printf '%s\\n' "\${0##*/} $*" >>/tmp/told.log
`;

scenario(
  "who configures the WAN port is told to leave it alone, and told that it may again",
  { wan },
  async (lab) => {
    const root = await createRoot(lab, { flavour: "debian", programs: needs });
    const archive = await unpackArchive(lab, root);
    for (const name of ["nmcli", "networkctl", "dhcpcd"])
      await root.write(`usr/bin/${name}`, recorder, 0o755);
    await root.write("etc/NetworkManager/NetworkManager.conf", "[main]\n");
    await root.write("etc/systemd/network/50-lan.network", "[Match]\nName=eth1\n");
    await root.write(
      "etc/dhcpcd.conf",
      "hostname\ninterface eth1\nstatic ip_address=192.168.1.1/24\n",
      0o640,
    );
    await root.program("systemd-networkd", "sleep");
    await root.run(["sh", "-c", "systemd-networkd 600 >/dev/null 2>&1 & dhcpcd serve >/dev/null 2>&1 &"]);
    const before = await root.tree();

    const install = installer(root, archive, { GATEWAY_START_SECONDS: "30" });
    const dry = await install("--offline", "--dry-run");
    expect(dry.stdout).toContain("/etc/dhcpcd.conf: leave the WAN port alone");
    expect(changedLines(before, await root.tree())).toEqual([]);
    const first = await install("--offline", "--own-mac", "silent");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const text = (path: string): Promise<string> => root.read(path);
    expect(await text("etc/ipv4-ipv6-gateway/gateway.toml")).toContain(
      '[wan]\nown_mac = "silent"\ninterface = "eth0"',
    );
    expect(await text("etc/NetworkManager/conf.d/ipv4-ipv6-gateway-wan.conf")).toContain(
      "match-device=interface-name:eth0\nmanaged=0\n",
    );
    expect(await text("etc/systemd/network/00-ipv4-ipv6-gateway-wan.network")).toContain(
      "[Match]\nName=eth0\n\n[Link]\nUnmanaged=yes\n",
    );
    expect(await text("etc/dhcpcd.conf")).toMatch(/^denyinterfaces eth0 # by/);
    const told = async (): Promise<readonly string[]> => (await text("tmp/told.log")).trim().split("\n");
    const first6 = [
      "networkctl reload",
      "nmcli general reload conf",
      "nmcli general reload conf",
      "nmcli device set eth0 managed no",
      "networkctl reload",
      "dhcpcd -x eth0",
    ];
    expect(await told()).toEqual(first6);
    expect((await install("--offline")).stdout).toContain("nothing to do");

    const gone = await root.run(["sh", `/${lib}/uninstall.sh`, "--restore-network", "--purge"]);
    expect([gone.code, gone.stderr]).toEqual([0, ""]);
    expect(changedLines(before, await root.tree())).toEqual([]);
    expect((await told()).slice(first6.length)).toEqual([
      "nmcli general reload conf",
      "nmcli device set eth0 managed yes",
      "networkctl reload",
      "dhcpcd -n eth0",
      "networkctl reload",
      "nmcli general reload conf",
    ]);
  },
);

/** apt-get, which "installs" a program of this machine, and what apt-cache knows. */
const apt = `#!/bin/sh
printf '%s\\n' "apt-get $*" >>/tmp/told.log
case "$*" in *install*nodejs*) printf '#!/bin/sh\\ncase "$1" in -p) echo 18 ;; *) echo v18.20.4 ;; esac\\n' >/usr/bin/node && chmod 755 /usr/bin/node ;; esac
`;

scenario("packages: what would come is shown, and what came is looked at again", { wan }, async (lab) => {
  const root = await createRoot(lab, { flavour: "debian", programs: ["ip", "nft", "dnsmasq"] });
  const archive = await unpackSmallArchive(lab, root);
  const install = installer(root, archive);
  await root.write("usr/bin/apt-get", apt, 0o755);
  await root.write("usr/bin/apt-cache", "#!/bin/sh\n", 0o755);
  const before = await root.tree();

  const dry = await install("--dry-run");
  expect([dry.code, dry.stderr, dry.stdout]).toEqual([
    0,
    "",
    expect.stringContaining("packages that would be installed: nodejs"),
  ]);
  expect(changedLines(before, await root.tree())).toEqual([]);

  const late = await install();
  expect([late.code, late.stderr]).toEqual([
    1,
    expect.stringMatching(
      /nothing was changed, but packages were installed: nodejs:\n {2}- Node.js v18.20.4 is too old/,
    ),
  ]);
  expect((await root.read("tmp/told.log")).trim().split("\n")).toEqual([
    "apt-get update -q",
    "apt-get install -y -q --no-install-recommends nodejs",
  ]);
  expect(changedLines(before, await root.tree())).toEqual([expect.stringMatching(/^\+ usr\/bin\/node 755/)]);

  // Debian 12, whose lists say so beforehand.
  await rm(join(root.directory, "usr/bin/node"));
  await root.write(
    "usr/bin/apt-cache",
    "#!/bin/sh\nprintf 'nodejs:\\n  Installed: (none)\\n  Candidate: 18.20.4+dfsg-1~deb12u1\\n'\n",
    0o755,
  );
  const early = await install();
  expect([early.code, early.stderr]).toEqual([
    1,
    expect.stringContaining("this system's package is version 18"),
  ]);
  expect(await root.exists("usr/bin/node")).toBe(false);
});

scenario("a package and install.sh do not get into each other's way", { wan }, async (lab) => {
  const root = await createRoot(lab, { flavour: "debian", programs: needs });
  const archive = await unpackArchive(lab, root);
  await root.write("usr/lib/opkg/info/ipv4-ipv6-gateway.control", "Package: ipv4-ipv6-gateway\n");
  await root.write(`${lib}/gateway`, "");
  const install = await installer(root, archive)("--offline");
  expect([install.code, install.stderr]).toEqual([
    1,
    expect.stringContaining("opkg remove ipv4-ipv6-gateway"),
  ]);
  const remove = await root.run([`${archive}/uninstall.sh`, "--purge"]);
  expect([remove.code, remove.stderr]).toEqual([1, expect.stringContaining("opkg remove ipv4-ipv6-gateway")]);
  expect(await root.exists(`${lib}/gateway`)).toBe(true);
});
