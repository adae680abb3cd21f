/** `gateway diagnose`: what is wrong with the gateway's own programs, files and machine is named; `--fix-…` mends what is safe, and nothing else. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { run } from "../exec.ts";
import { scenario } from "../scenario.ts";
import {
  badChecks,
  changes,
  diagnosable,
  diagnose,
  dualStack,
  expectCause,
  expectHealthy,
  machine,
  startWithTwo,
} from "../suites/diagnose.ts";
import { mountState } from "../suites/links.ts";
import { startGateway } from "../suites/network.ts";
import { hidden, pidsOf } from "../suites/proxy.ts";

scenario(
  "the gateway killed, forwarding off, the state file damaged, the rules flushed: --fix-all mends what is safe",
  dualStack,
  async (lab) => {
    const [{ device }] = await startWithTwo(lab);
    await expectHealthy(lab);
    await lab.gateway.stop("SIGKILL");
    await expectCause(lab, "daemon-runs", /does not run/);
    const { stateFile, namespace } = lab.gateway;
    const good = await readFile(stateFile, "utf8");
    await copyFile(stateFile, `${stateFile}.1`);
    await writeFile(stateFile, good.slice(0, -40));
    const identity = `gw${device.mac.replaceAll(":", "")}`;
    await namespace.sysctl({
      "net/ipv4/conf/eth1/forwarding": 0,
      [`net/ipv4/conf/${identity}/forwarding`]: 0,
    });
    await expectCause(lab, "forwarding", /off on 2 interfaces/, ["daemon-runs", "state-file"]);
    await expectCause(lab, "state-file", /is damaged/, ["daemon-runs", "forwarding"]);

    const before = await machine(lab);
    const shown = await diagnose(lab, ["--fix-all", "--dry-run"]);
    expect([shown.code, shown.fix?.done]).toEqual([1, null]);
    expect(new Set(shown.fix?.planned.map(({ check }) => check))).toEqual(
      new Set(["forwarding", "state-file", "pid-file"]),
    );
    expect(changes(before, await machine(lab))).toEqual([]);

    const network = await diagnose(lab, ["--fix-network"]);
    expect(badChecks(network).sort()).toEqual(["daemon-runs", "state-file"]);
    const between = await machine(lab);
    expect([...changes(before, between)].sort()).toEqual(
      ["eth1", identity]
        .flatMap((name) => [
          `+ sysctls: net.ipv4.conf.${name}.forwarding = 1`,
          `- sysctls: net.ipv4.conf.${name}.forwarding = 0`,
        ])
        .sort(),
    );

    const all = await diagnose(lab, ["--fix-all"]);
    expect([all.code, badChecks(all)]).toEqual([1, ["daemon-runs"]]);
    expect(all.fix?.done?.filter(({ failure }) => failure)).toEqual([]);
    const touched = changes(between, await machine(lab));
    expect(touched.map((line) => line.replace(/damaged-\S+/, "damaged")).sort()).toEqual([
      "file run/gateway.pid",
      "file run/gateway.pid.stale",
      "file state/devices.json",
      "file state/devices.json.damaged",
    ]);
    expect(await readFile(stateFile, "utf8")).toBe(good);

    await namespace.nft("flush ruleset\n");
    await expectCause(lab, "nftables", /tables are missing/, ["daemon-runs"]);
    await startGateway(lab, diagnosable);
    await expectHealthy(lab);
  },
);

scenario(
  "HAProxy and dnsmasq hang: --fix-service has them started anew; a clock in 1970",
  dualStack,
  async (lab) => {
    await startWithTwo(lab);
    await expectHealthy(lab);
    const proxies = await pidsOf(lab, "haproxy");
    for (const pid of proxies) process.kill(pid, "SIGSTOP");
    await expectCause(lab, "proxy", /haproxy hangs/, ["daemon-troubles", "proxy-listens"]);
    const mended = await diagnose(lab, ["--fix-service"]);
    expect(mended.fix?.done?.map(({ check }) => check)).toEqual(["proxy"]);
    await expectHealthy(lab);
    expect(proxies.filter((pid) => isThere(pid))).toEqual([]);

    const servers = await pidsOf(lab, "dnsmasq");
    for (const pid of servers) process.kill(pid, "SIGSTOP");
    await expectCause(lab, "dnsmasq-runs", /dnsmasq is stopped/, ["dns"]);
    expect((await diagnose(lab, ["--fix-all"])).fix?.done?.map(({ check }) => check)).toEqual([
      "dnsmasq-runs",
    ]);
    await expectHealthy(lab);

    const past = ["env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "-f", "@1970-01-02 00:00:00"];
    await expectCause(lab, "clock", /far in the past/, [], past);
    const dnsmasq = await hidden("dnsmasq");
    try {
      await expectCause(lab, "programs", /dnsmasq is not installed/);
    } finally {
      await dnsmasq.show();
    }
    await expectHealthy(lab);
  },
);

scenario("the API's port taken by another program; the disk full, and read-only", dualStack, async (lab) => {
  const state = join(lab.gateway.directory, "state");
  await mountState(state);
  const holder = lab.gateway.namespace.start(["socat", "TCP4-LISTEN:5050,fork,reuseaddr", "SYSTEM:cat"]);
  await lab.gateway.waitFor("socat listens", async () => (await pidsOf(lab, "socat")).length > 0);
  try {
    // dnsmasq would hold its leases open, and the disk could not be made read-only.
    const quiet = { ...diagnosable, lan: { dhcp: false } };
    await startGateway(lab, quiet);
    const found = await expectCause(lab, "api-listens", /taken by socat/, [
      ...["api-answers-localhost", "api-answers-lan", "daemon-troubles"],
    ]);
    expect(found.findings.find(({ check }) => check === "api-listens")?.text).toContain(
      `process ${holder.pid}`,
    );
    await holder.stop("SIGKILL");
    await expectHealthy(lab);

    await run(["dd", "if=/dev/zero", `of=${join(state, "filler")}`, "bs=4k", "count=100"], { mayFail: true });
    await expectCause(lab, "disk", /The disk is full/, ["daemon-troubles"]);
    await run(["rm", join(state, "filler")]);
    await run(["mount", "-o", "remount,ro", state]);
    await expectCause(lab, "disk", /read-only/, ["daemon-troubles"]);
    await run(["mount", "-o", "remount,rw", state]);
    await expectHealthy(lab);
    await lab.gateway.stop();
  } finally {
    await run(["umount", "-l", state]);
  }
});

scenario(
  "another program asks for an address on the silent WAN port",
  dualStack,
  async (lab) => {
    await startWithTwo(lab);
    const argv = ["busybox", "udhcpc", "-f", "-i", "eth0", "-s", "/bin/true", "-t", "1000", "-T", "5"];
    const client = lab.gateway.namespace.start(argv);
    const found = await expectCause(lab, "other-managers", /which is to be silent/);
    expect(found.findings.find(({ check }) => check === "other-managers")?.evidence.join()).toContain(
      "udhcpc",
    );
    await client.stop("SIGKILL");
    await expectHealthy(lab);
  },
  // That client speaks under the port's own MAC, which is the fault.
  { ownMac: "use" },
);

/** A process that has ended and waits for its parent is gone. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
