/** The .deb under a real dpkg and systemd: dependencies, upgrade, remove, purge. */
import { expect } from "vitest";
import { diffKernelStates } from "../kernel-state.ts";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import {
  buildPackage,
  dpkgPrograms,
  laterPackage,
  ownDocumentation,
  writeDpkgDatabase,
} from "../suites/debian.ts";
import {
  activeDevice,
  changedLines,
  createRoot,
  needs,
  packageRuntime,
  settled,
  unpackArchive,
} from "../suites/install.ts";
import { expectReachesInternet, registered } from "../suites/network.ts";
import { addServingDevice } from "../suites/reach.ts";
import { Traffic } from "../suites/traffic.ts";
import { bootSystemd } from "../systemd.ts";
import type { Lab } from "../topology.ts";

const name = "ipv4-ipv6-gateway";
const config = `/etc/${name}/gateway.toml`;
/** What runs the bundle: the runtime, or what the one in the package is linked with. */
const [runs, wanted] =
  packageRuntime === "none" ? ["nodejs", "nodejs (>= 20)"] : ["libstdc++6", "libstdc++6"];
const others = ["iproute2", "nftables", "libnftables1", "dnsmasq-base", "netbase", "libc6"];

scenario(
  "the .deb: dependencies are checked, an upgrade drops no connection, one that does not start is taken back, purge leaves nothing",
  { wan: { registered: registered(1), ipv6: {} } },
  async (lab) => {
    const root = await createRoot(lab, { flavour: "debian", programs: [...needs, ...dpkgPrograms] });
    await ownDocumentation(root);
    const deb = await buildPackage(lab, root);
    const later = await laterPackage(lab, root, deb, "0.1.1");
    const broken = await laterPackage(lab, root, deb, "0.1.2", (bundle) =>
      bundle.replace(
        "\n",
        '\nif (process.argv.includes("run")) { console.error("out of order"); process.exit(1); }\n',
      ),
    );
    const mended = await laterPackage(lab, root, deb, "0.1.3");
    const systemd = await bootSystemd(root);
    try {
      await packageLife(lab, root, deb, { later, broken, mended });
    } finally {
      await systemd.halt();
    }
  },
  // Packing a runtime takes its time.
  { timeoutMs: 300_000 },
);

/** All but dpkg's own records, which keep its lock and a copy of the former list. */
const treeOf = async (root: Root): Promise<readonly string[]> =>
  (await root.tree()).filter((line) => !/^var\/(lib\/dpkg|log\/dpkg)/.test(line));

/** Neither may be installed over the other, nor removed by it. */
async function keepsApart(lab: Lab, root: Root, deb: string): Promise<void> {
  const archive = await unpackArchive(lab, root);
  const before = settled(await root.tree());
  for (const script of ["install.sh", "uninstall.sh"]) {
    const { code, stderr } = await root.run([`${archive}/${script}`]);
    expect([script, code, stderr]).toEqual([script, 1, expect.stringContaining(`dpkg -r ${name}`)]);
  }
  expect(changedLines(before, settled(await root.tree()))).toEqual([]);
  // As install.sh leaves it.
  await root.write(`usr/lib/${name}/files`, "");
  const over = await root.run(["dpkg", "-i", deb]);
  expect([over.code, over.stderr]).toEqual([1, expect.stringContaining("install.sh installed it here")]);
  await root.run(["rm", `/usr/lib/${name}/files`]);
}

interface Upgrades {
  readonly later: string;
  readonly broken: string;
  readonly mended: string;
}

async function packageLife(lab: Lab, root: Root, deb: string, upgrades: Upgrades): Promise<void> {
  const dpkg = (...args: readonly string[]) => root.run(["dpkg", ...args]);
  const before = { tree: await treeOf(root), kernel: await lab.gateway.kernelState() };

  await writeDpkgDatabase(root, others);
  const refused = await dpkg("-i", deb);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    `${name} depends on ${wanted}; however:\n  Package ${runs} is not installed.`,
  );
  expect(await dpkg("-P", name)).toMatchObject({ code: 0 });
  expect(changedLines(before.tree, await treeOf(root))).toEqual([]);

  await writeDpkgDatabase(root, [...others, runs]);
  const installed = await dpkg("-i", deb);
  expect([installed.code, installed.stderr]).toEqual([0, ""]);
  expect(installed.stdout).toContain(`systemctl enable --now ${name}`);
  await root.write(config, '[lan]\ninterface = "eth1"\n\n[wan]\ninterface = "eth0"\n');
  expect(await root.run(["systemctl", "enable", "--now", name])).toMatchObject({ code: 0 });
  const device = await addServingDevice(lab, 1, { web: [80] });
  await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

  await keepsApart(lab, root, deb);
  const traffic = await Traffic.start(lab, root, device);
  const daemon = (): Promise<string> =>
    root.run(["systemctl", "show", "-p", "MainPID", name]).then((r) => r.stdout);
  const was = await daemon();
  const upgraded = await dpkg("-i", upgrades.later);
  expect([upgraded.code, upgraded.stderr]).toEqual([0, ""]);
  expect(await daemon()).not.toBe(was);
  expect(await activeDevice(root, device.mac)).not.toBe("");
  await traffic.goesOn();

  // The second time it is only configured.
  for (const args of [
    ["-i", upgrades.broken],
    ["--configure", name],
  ]) {
    const failed = await dpkg(...args);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("Version 0.1.1 runs again");
    expect(failed.stderr).toContain("out of order");
    expect((await root.run(["systemctl", "is-active", name])).stdout).toBe("active\n");
    await traffic.goesOn();
  }
  expect(await dpkg("-i", upgrades.mended)).toMatchObject({ code: 0, stderr: "" });
  expect(await activeDevice(root, device.mac)).not.toBe("");
  expect((await root.run(["ls", "/usr/lib"])).stdout).not.toMatch(/gateway\.(old|failed)/);
  await traffic.goesOn();
  await traffic.stop();

  expect(await dpkg("-r", name)).toMatchObject({ code: 0 });
  expect(diffKernelStates(before.kernel, await lab.gateway.kernelState())).toEqual([]);
  expect(await root.exists(config)).toBe(true);
  expect(await dpkg("-P", name)).toMatchObject({ code: 0 });
  expect(changedLines(before.tree, await treeOf(root))).toEqual([]);
}
