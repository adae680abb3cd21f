/** `gateway diagnose --fix-…` mends what is safe, and touches nothing else. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
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
import { startGateway } from "../suites/network.ts";

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
    expect(changes(before, await machine(lab)).join("\n")).toBe("");

    const network = await diagnose(lab, ["--fix-network"]);
    expect([...badChecks(network)].sort()).toEqual(["daemon-runs", "state-file"]);
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
