/** install.sh and uninstall.sh on a minimal Debian as debootstrap makes it: its own programs, its own apt, with and without systemd. */
import { expect } from "vitest";
import { copyDebian, type DebianKind } from "../debian-root.ts";
import { diffKernelStates } from "../kernel-state.ts";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import { activeDevice, changedLines, settled, unpackArchive } from "../suites/install.ts";
import { addDhcpDevice, expectReachesInternet, registered } from "../suites/network.ts";
import { bootSystemd } from "../systemd.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const wan = { registered: registered(1), ipv6: {} };
const options = { timeoutMs: 500_000 };
const packages = ["iproute2", "nftables", "dnsmasq-base", "netbase"];
const uninstall = "/usr/lib/ipv4-ipv6-gateway/uninstall.sh";

/** Records with times in them, and caches, which no two runs of apt make alike. */
const recorded =
  /^var\/(log\/(apt|dpkg|alternatives)|cache\/(ldconfig\/aux-cache|apt\/\w*pkgcache\.bin|debconf))/;

async function withDebian(lab: Lab, kind: DebianKind, body: (root: Root) => Promise<void>): Promise<void> {
  const { root, remove } = await copyDebian(kind, lab.gateway.namespace);
  try {
    await body(root);
  } finally {
    await remove();
  }
}

/** Installed once, a device is served; installed twice, nothing changes; gone, the kernel is as before. */
async function life(lab: Lab, root: Root, archive: string, ...args: readonly string[]): Promise<void> {
  const kernel = await lab.gateway.kernelState();
  const install = () => root.run([`${archive}/install.sh`, "--full-auto", ...args]);
  const first = await install();
  expect([first.code, first.stdout.match(/==> Done: version .*/)?.[0]], first.stderr + first.stdout).toEqual([
    0,
    expect.stringContaining("Done"),
  ]);
  const device = await addDhcpDevice(lab, 1);
  const active = await activeDevice(root, device.mac);
  await expectReachesInternet(lab, device, active);

  const installed = settled(await root.tree());
  const second = await install();
  expect([second.code, second.stdout]).toEqual([0, expect.stringContaining("nothing to do")]);
  expect(changedLines(installed, settled(await root.tree()))).toEqual([]);
  await expectReachesInternet(lab, device, active);

  const gone = await root.run(["sh", uninstall, "--restore-network"]);
  expect([gone.code, gone.stderr]).toEqual([0, ""]);
  // The WAN port's own IPv6 is back: its address is probed for (RFC 4862), and routers are asked for their routes.
  let differing: readonly string[] = [];
  await waitFor(
    "the kernel is as before",
    async () => {
      differing = diffKernelStates(kernel, await lab.gateway.kernelState());
      return differing.length === 0;
    },
    { timeoutMs: 20_000, explain: () => differing.join("\n") },
  );
}

scenario(
  "a minimal Debian of debootstrap: what is missing comes from its apt, a device is served, and only apt's packages stay",
  { wan },
  (lab) => withDebian(lab, "plain", (root) => plainLife(lab, root)),
  options,
);

async function plainLife(lab: Lab, root: Root): Promise<void> {
  const archive = await unpackArchive(lab, root);
  const before = await root.tree();
  const refused = await root.run([`${archive}/install.sh`, "--full-auto", "--offline"]);
  expect(refused.code).toBe(1);
  for (const name of packages) expect(refused.stderr).toContain(`install the package ${name}`);
  expect(changedLines(before, await root.tree())).toEqual([]);

  await life(lab, root, archive);
  const after = await root.tree();
  // What is left is what apt alone leaves on such a system.
  await withDebian(lab, "plain", async (twin) => {
    const argv = ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages];
    const { code, stderr } = await twin.run(argv, { DEBIAN_FRONTEND: "noninteractive" });
    expect(code, stderr).toBe(0);
    const compared = (tree: readonly string[]) => tree.filter((line) => !recorded.test(line));
    const expected = compared(await twin.tree());
    expect(changedLines(expected, compared(settled(after)))).toEqual([]);
    expect(await root.run([`${archive}/uninstall.sh`, "--purge"])).toMatchObject({ code: 0 });
    expect(changedLines(expected, compared(await root.tree()))).toEqual([]);
  });
}

scenario(
  "a minimal Debian of debootstrap with systemd: a device is served, and the system is as before when the gateway is gone",
  { wan },
  (lab) => withDebian(lab, "systemd", (root) => systemdLife(lab, root)),
  options,
);

async function systemdLife(lab: Lab, root: Root): Promise<void> {
  const systemd = await bootSystemd(root);
  try {
    const archive = await unpackArchive(lab, root);
    const before = await root.tree();
    await life(lab, root, archive, "--offline");
    const after = settled(await root.tree());
    expect(changedLines(before, after)).toEqual([]);
    expect(await root.run([`${archive}/uninstall.sh`, "--purge"])).toMatchObject({ code: 0 });
    expect(changedLines(before, await root.tree())).toEqual([]);
  } finally {
    await systemd.halt();
  }
}
