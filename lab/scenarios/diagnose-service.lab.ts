/** `gateway diagnose`: what is wrong with the gateway's own programs, files and machine is named, and what hangs is started anew. */
import { join } from "node:path";
import { expect } from "vitest";
import { run } from "../exec.ts";
import { scenario } from "../scenario.ts";
import {
  diagnosable,
  diagnose,
  dualStack,
  expectCause,
  expectHealthy,
  startWithTwo,
} from "../suites/diagnose.ts";
import { atTime, besidesAtTime } from "../suites/faked-clock.ts";
import { mountState } from "../suites/links.ts";
import { startGateway } from "../suites/network.ts";
import { hidden, pidsOf } from "../suites/proxy.ts";

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

    await expectCause(lab, "clock", /far in the past/, besidesAtTime, atTime("@1970-01-02 00:00:00"));
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

/** A process that has ended and waits for its parent is gone. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
