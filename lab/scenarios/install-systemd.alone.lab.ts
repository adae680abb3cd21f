/** install.sh and uninstall.sh where systemd is the service manager: the unit, with all that it forbids the daemon. */
import { expect } from "vitest";
import { diffKernelStates } from "../kernel-state.ts";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import {
  activeDevice,
  changedLines,
  createRoot,
  installedDevices,
  needs,
  nextVersion,
  unpackArchive,
} from "../suites/install.ts";
import { addDhcpDevice, expectReachesInternet, registered } from "../suites/network.ts";
import { addServingDevice } from "../suites/reach.ts";
import { Traffic } from "../suites/traffic.ts";
import { expectTranslatedPage, nat64Prefix } from "../suites/xlat.ts";
import { bootSystemd } from "../systemd.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const unit = "ipv4-ipv6-gateway.service";

/** KILL, SETGID, SETUID, NET_BIND_SERVICE, NET_ADMIN, NET_RAW, SYS_CHROOT, SYS_PTRACE (linux/capability.h). */
const needed = [5, 6, 7, 10, 12, 13, 18, 19];

/** A property of the unit, as systemd tells it. */
const property = async (root: Root, name: string): Promise<string> =>
  (await root.run(["systemctl", "show", "--value", "-p", name, unit])).stdout.trim();

/** systemd knows every key of the unit, and would say which it does not. */
async function expectKnownKeys(root: Root): Promise<void> {
  const text = await root.read(`usr/lib/systemd/system/${unit}`);
  const complaints = async (name: string, content: string): Promise<readonly string[]> => {
    await root.write(`tmp/${name}`, content);
    const { stderr } = await root.run(["systemd-analyze", "verify", "--man=no", `/tmp/${name}`]);
    return stderr.split("\n").filter((line) => line.includes(name));
  };
  expect(await complaints("right.service", text)).toEqual([]);
  expect(await complaints("wrong.service", text.replace("DeviceAllow", "DeviceAlow"))).toEqual([
    expect.stringContaining("Unknown key 'DeviceAlow'"),
  ]);
}

/** What the daemon may do, as the kernel has it: numbers of capabilities. */
async function capabilities(root: Root, set: string): Promise<readonly number[]> {
  const { stdout } = await root.run(["cat", `/proc/${await property(root, "MainPID")}/status`]);
  const mask = BigInt(`0x${new RegExp(`^${set}:\\s*(\\w+)`, "m").exec(stdout)?.[1]}`);
  return Array.from({ length: 64 }, (_, n) => n).filter((n) => (mask >> BigInt(n)) & 1n);
}

scenario(
  "systemd: the hardened unit serves devices, and upgrade, reload, restart and crash drop no connection",
  { wan: { registered: registered(1), ipv6: {} } },
  async (lab) => {
    const root = await createRoot(lab, { flavour: "debian", programs: needs });
    const systemd = await bootSystemd(root);
    try {
      await lifeUnderSystemd(lab, root);
    } finally {
      await systemd.halt();
    }
  },
);

scenario(
  "systemd: the unit lets tayga have /dev/net/tun, and a device's IPv4 is translated",
  {
    wan: {
      ipv4: false,
      registered: registered(1),
      clients: 0,
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
    },
  },
  async (lab) => {
    const root = await createRoot(lab, {
      flavour: "debian",
      programs: [...needs, "tayga", "systemd-analyze"],
    });
    const systemd = await bootSystemd(root);
    try {
      const archive = await unpackArchive(lab, root);
      const { code, stderr } = await root.run([`${archive}/install.sh`, "--full-auto", "--offline"]);
      expect([code, stderr]).toEqual([0, ""]);
      await expectKnownKeys(root);
      const device = await addDhcpDevice(lab, 1);
      await waitFor(
        "its IPv4 is translated",
        async () => (await installedDevices(root)).some(({ reason }) => reason?.includes("464XLAT")),
        { timeoutMs: 40_000, everyMs: 500 },
      );
      await expectTranslatedPage(lab, device);
    } finally {
      await systemd.halt();
    }
  },
);

scenario(
  "systemd: a first installation that never serves is taken back in time",
  { wan: { registered: registered(1) } },
  async (lab) => {
    const root = await createRoot(lab, { flavour: "debian", programs: needs });
    const systemd = await bootSystemd(root);
    try {
      const archive = await unpackArchive(lab, root);
      const hanging = await nextVersion(
        root,
        archive,
        "0.1.2",
        (bundle) =>
          `#!/usr/bin/env node\nif (process.argv.includes("run")) setInterval(() => {}, 1000);\nelse ${bundle.split("\n")[1]}\n`,
      );
      const before = await root.tree();
      const from = performance.now();
      const failed = await root.run([`${hanging}/install.sh`, "--full-auto", "--offline"], {
        GATEWAY_START_SECONDS: "5",
      });
      expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("all of it was taken back")]);
      // systemd alone would wait for 180 s.
      expect(performance.now() - from).toBeLessThan(60_000);
      expect(changedLines(before, await root.tree())).toEqual([]);
      expect(await property(root, "LoadState")).toBe("not-found");
    } finally {
      await systemd.halt();
    }
  },
);

async function lifeUnderSystemd(lab: Lab, root: Root): Promise<void> {
  const archive = await unpackArchive(lab, root);
  const install = (from: string) => root.run([`${from}/install.sh`, "--full-auto", "--offline"]);
  const before = { tree: await root.tree(), kernel: await lab.gateway.kernelState() };
  const first = await install(archive);
  expect([first.code, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toContain("Checking (systemd, ");
  expect(await property(root, "ActiveState")).toBe("active");
  expect(await property(root, "UnitFileState")).toBe("enabled");
  for (const set of ["CapEff", "CapPrm", "CapBnd"])
    expect([set, await capabilities(root, set)]).toEqual([set, needed]);

  const device = await addServingDevice(lab, 1, { web: [80] });
  await expectReachesInternet(lab, device, await activeDevice(root, device.mac));
  const traffic = await Traffic.start(lab, root, device);
  expect((await install(archive)).stdout).toContain("nothing to do");

  const upgraded = await install(await nextVersion(root, archive, "0.1.1"));
  expect([upgraded.code, upgraded.stderr]).toEqual([0, ""]);
  await traffic.goesOn();
  expect((await root.run(["systemctl", "reload", unit])).code).toBe(0);
  await traffic.goesOn();
  expect((await root.run(["systemctl", "restart", unit])).code).toBe(0);
  await traffic.goesOn();
  await startsAnewAfter(root, "SIGKILL");
  await traffic.goesOn();
  await hangingDaemonIsReplaced(root);
  await traffic.goesOn();
  await traffic.stop();

  const nothingLeft = async (): Promise<void> =>
    expect(diffKernelStates(before.kernel, await lab.gateway.kernelState())).toEqual([]);
  await systemctl(root, "stop");
  await nothingLeft();
  await systemctl(root, "start");
  await expectReachesInternet(lab, device, await activeDevice(root, device.mac));
  await stopsWhileItFails(root);
  await nothingLeft();

  const gone = await root.run(["sh", "/usr/lib/ipv4-ipv6-gateway/uninstall.sh", "--purge"]);
  expect([gone.code, gone.stderr]).toEqual([0, ""]);
  expect(changedLines(before.tree, await root.tree())).toEqual([]);
  expect(diffKernelStates(before.kernel, await lab.gateway.kernelState())).toEqual([]);
}

async function systemctl(root: Root, ...verb: readonly string[]): Promise<void> {
  const { code, stderr } = await root.run(["systemctl", ...verb, unit]);
  expect([verb, code, stderr]).toEqual([verb, 0, ""]);
}

/** A daemon that ends as soon as it is started leaves what the one before made. Stopped at any moment of its attempts nothing stays, its faulty configuration notwithstanding. */
async function stopsWhileItFails(root: Root): Promise<void> {
  const config = "etc/ipv4-ipv6-gateway/gateway.toml";
  const good = await root.read(config);
  const table = ["nft", "list", "table", "inet", "ipv4_ipv6_gateway"];
  await root.write(config, `${good}\n[log]\nlevel = "loud"\n`);
  await systemctl(root, "restart", "--no-block");
  await waitFor("it has failed more than once", async () => Number(await property(root, "NRestarts")) > 1, {
    timeoutMs: 30_000,
  });
  expect((await root.namespace.run(table, { mayFail: true })).code).toBe(0);
  await systemctl(root, "stop");
  await root.write(config, good);
}

async function startsAnewAfter(root: Root, signal: string): Promise<void> {
  const pid = await property(root, "MainPID");
  await root.run(["systemctl", "kill", "--kill-whom=main", `--signal=${signal}`, unit]);
  const isAnother = async (): Promise<boolean> => {
    const [now, state] = await Promise.all(["MainPID", "ActiveState"].map((name) => property(root, name)));
    return now !== pid && state === "active";
  };
  await waitFor(`another daemon serves after ${signal}`, isAnother, { timeoutMs: 40_000, everyMs: 500 });
}

/** A daemon that says nothing for the watchdog's time, 5 s here, is ended and replaced. */
async function hangingDaemonIsReplaced(root: Root): Promise<void> {
  const shorter = `/etc/systemd/system/${unit}.d`;
  await root.write(`${shorter}/watchdog.conf`, "[Service]\nWatchdogSec=5\n");
  await root.run(["systemctl", "daemon-reload"]);
  await root.run(["systemctl", "restart", unit]);
  await startsAnewAfter(root, "SIGSTOP");
  expect((await root.run(["journalctl", "-u", unit, "--no-pager"])).stdout).toContain("Watchdog timeout");
  await root.run(["rm", "-r", shorter]);
  await root.run(["systemctl", "daemon-reload"]);
}
