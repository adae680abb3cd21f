/** install.sh and uninstall.sh on a small Linux without a service manager. */
import { rm } from "node:fs/promises";
import { machine } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { RunResult } from "../exec.ts";
import { diffKernelStates } from "../kernel-state.ts";
import type { Root } from "../root.ts";
import { scenario } from "../scenario.ts";
import {
  activeDevice,
  changedLines,
  createRoot,
  needs,
  nextVersion,
  unpackArchive,
} from "../suites/install.ts";
import { expectReachesInternet, registered } from "../suites/network.ts";
import { addServingDevice } from "../suites/reach.ts";
import { Traffic } from "../suites/traffic.ts";
import { waitFor } from "../wait.ts";

const wan = { registered: registered(1), ipv6: {} };
const debian = { flavour: "debian", programs: needs } as const;

scenario(
  "installed, installed again, upgraded under load, rolled back, and gone without a trace",
  { wan },
  async (lab) => {
    const root = await createRoot(lab, debian);
    const archive = await unpackArchive(lab, root);
    const install = (from: string, ...args: readonly string[]) =>
      root.run([`${from}/install.sh`, ...args], { GATEWAY_START_SECONDS: "15" });
    const before = { tree: await root.tree(), kernel: await lab.gateway.kernelState() };

    const dry = await install(archive, "--full-auto", "--dry-run", "--offline");
    expect(dry.stdout).toContain("all good: LAN eth1, WAN eth0");
    expect(changedLines(before.tree, await root.tree())).toEqual([]);

    const first = await install(archive, "--full-auto", "--offline");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toContain("/usr/lib/ipv4-ipv6-gateway/service start");
    const device = await addServingDevice(lab, 1, { web: [80] });
    const wanIp = await activeDevice(root, device.mac);
    await expectReachesInternet(lab, device, wanIp);

    const installed = (await root.tree()).filter((line) => !/^(etc|var)\//.test(line));
    const second = await install(archive, "--full-auto", "--offline");
    expect([second.code, second.stdout.trim().split("\n").at(-1)]).toEqual([
      0,
      "Version 0.1.0 is installed and runs: nothing to do.",
    ]);
    expect(
      changedLines(
        installed,
        (await root.tree()).filter((line) => !/^(etc|var)\//.test(line)),
      ),
    ).toEqual([]);

    // Connections in both directions go on over all that follows.
    const traffic = await Traffic.start(lab, root, device);
    await traffic.goesOn();
    const upgraded = await install(await nextVersion(root, archive, "0.1.1"), "--full-auto", "--offline");
    expect([upgraded.code, upgraded.stderr]).toEqual([0, ""]);
    expect(await root.read("usr/lib/ipv4-ipv6-gateway/VERSION")).toBe("0.1.1\n");
    await traffic.goesOn();

    const broken = await nextVersion(
      root,
      archive,
      "0.1.2",
      (bundle) =>
        `#!/usr/bin/env node\nif (process.argv.includes("run")) process.exit(1);\n${bundle.split("\n")[1]}\n`,
    );
    const failed = await install(broken, "--full-auto", "--offline");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("version 0.1.2 did not start within 15 s; 0.1.1 runs again");
    await traffic.goesOn();

    // Another level of the log, and then a mistake.
    const config = await root.read("etc/ipv4-ipv6-gateway/gateway.toml");
    await root.write("etc/ipv4-ipv6-gateway/gateway.toml", `${config}\n[log]\nlevel = "debug"\n`);
    await root.run(["/usr/lib/ipv4-ipv6-gateway/service", "reload"]);
    const log = () => root.read("var/log/ipv4-ipv6-gateway.log");
    await waitFor("it has started anew", async () =>
      /starts anew \(SIGHUP\)[\s\S]*Gateway runs/.test(await log()),
    );
    await root.write("etc/ipv4-ipv6-gateway/gateway.toml", `${config}\n[log]\nlevel = "loud"\n`);
    await root.run(["/usr/lib/ipv4-ipv6-gateway/service", "reload"]);
    await waitFor("the mistake is told", async () =>
      /not taken over \(SIGHUP\).*log.level/.test(await log()),
    );
    await root.write("etc/ipv4-ipv6-gateway/gateway.toml", config);
    await traffic.goesOn();
    const service = async (verb: string): Promise<void> =>
      expect(await root.run(["/usr/lib/ipv4-ipv6-gateway/service", verb])).toMatchObject({ code: 0 });
    await service("restart");
    await traffic.goesOn();
    await traffic.stop();
    await service("stop");
    expect(diffKernelStates(before.kernel, await lab.gateway.kernelState())).toEqual([]);
    await service("start");
    await expectReachesInternet(lab, device, await activeDevice(root, device.mac));

    const gone = await root.run(["sh", "/usr/lib/ipv4-ipv6-gateway/uninstall.sh", "--restore-network"]);
    expect([gone.code, gone.stderr]).toEqual([0, ""]);
    const left = changedLines(before.tree, await root.tree()).filter(
      (line) => !/^\+ (etc\/ipv4-ipv6-gateway|var\/log\/ipv4-ipv6-gateway\.log)/.test(line),
    );
    expect(left).toEqual([]);
    expect(diffKernelStates(before.kernel, await lab.gateway.kernelState())).toEqual([]);
    await root.run([`${archive}/uninstall.sh`, "--purge"]);
    expect(changedLines(before.tree, await root.tree())).toEqual([]);
  },
);

/** install.sh where the kernel tells of so much memory. */
async function withMemory(root: Root, kilobytes: number, argv: readonly string[]): Promise<RunResult> {
  await root.write("tmp/meminfo", `MemTotal:       ${kilobytes} kB\nMemFree:        ${kilobytes} kB\n`);
  const script = '/host/usr/bin/mount --bind /tmp/meminfo /proc/meminfo && exec "$0" "$@"';
  return root.run(["sh", "-c", script, ...argv]);
}

scenario("a device of 256 MB is served, one of 128 MB is refused", { wan }, async (lab) => {
  const root = await createRoot(lab, debian);
  const install = [`${await unpackArchive(lab, root)}/install.sh`, "--full-auto", "--offline", "--dry-run"];
  const small = await withMemory(root, 121_000, install);
  expect([small.code, small.stderr]).toEqual([
    1,
    expect.stringContaining("118 MB of memory is too little: 180 MB are needed"),
  ]);
  // What the kernel keeps for itself is not told.
  const enough = await withMemory(root, 236_000, install);
  expect([enough.code, enough.stdout]).toEqual([0, expect.stringContaining("all good")]);
});

scenario("what is missing is named, and nothing is changed", { wan }, async (lab) => {
  const root = await createRoot(lab, {
    ...debian,
    programs: needs.filter((name) => /^(ip|node)$/.test(name)),
  });
  const archive = await unpackArchive(lab, root);
  let before = await root.tree();
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await root.run([`${archive}/install.sh`, ...args]);
    expect(code).toBe(1);
    expect(changedLines(before, await root.tree())).toEqual([]);
    return stderr;
  };
  const missing = await refused("--full-auto", "--offline");
  expect(missing).toContain("the program nft is not installed; install the package nftables");
  expect(missing).toContain("the program dnsmasq is not installed; install the package dnsmasq");
  await root.program("nft");
  await root.program("dnsmasq");
  await rm(join(root.directory, `usr/lib/ld-musl-${machine()}.so.1`), { force: true });
  before = await root.tree();
  expect(await refused("--lan", "eth1", "--wan", "eth1")).toContain("LAN and WAN are both eth1");
  expect(await refused("--lan", "eth1", "--wan", "eth9")).toContain(
    "there is no interface eth9. There are: eth0 eth1",
  );
  expect(await refused()).toContain("which interfaces?");
  await root.write(`${archive}/lib/runtime/bun`, "#!/bin/sh\n", 0o755);
  expect(await refused("--full-auto")).toContain(
    "this archive is for musl, and this system has another C library",
  );
  await rm(join(root.directory, archive, "lib/runtime/bun"));
  await root.write(`${archive}/lib/packet-reader.js`, "damaged\n");
  expect(await refused("--full-auto")).toContain("the archive is damaged");
});
