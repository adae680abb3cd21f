/** `gateway diagnose` on a network that has only IPv6: a translator of ours that hangs, and a NAT64 that is dead while its prefix is still announced, are named. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import { diagnosable, diagnose, expectCause, expectHealthy } from "../suites/diagnose.ts";
import { registered, startGateway } from "../suites/network.ts";
import { addServingDevice } from "../suites/reach.ts";
import { expectTranslatedPage, nat64Prefix, translatorPid, waitForTranslation } from "../suites/xlat.ts";

scenario(
  "tayga is stopped, and ended by --fix-service; the NAT64 of the network is killed while PREF64 lives",
  {
    wan: {
      ...{ ipv4: false, registered: registered(1), clients: 0 },
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
    },
  },
  async (lab) => {
    await startGateway(lab, diagnosable);
    const device = await addServingDevice(lab, 1, { web: [80] });
    await device.waitForIp();
    await waitForTranslation(lab, device.mac);
    await expectTranslatedPage(lab, device);
    const healthy = await expectHealthy(lab);
    const nat64 = healthy.findings.find(({ check }) => check === "nat64");
    expect(nat64?.text).toBe(`NAT64 by ${nat64Prefix}, and it answers.`);
    expect(nat64?.evidence.join()).toContain("from behind the NAT64");
    const pid = (await translatorPid(lab)) ?? 0;
    expect(healthy.findings.find(({ check }) => check === "translator")?.text).toBe(
      `tayga translates (process ${pid}).`,
    );

    process.kill(pid, "SIGSTOP");
    await expectCause(lab, "translator", /tayga is stopped/);
    const mended = await diagnose(lab, ["--fix-service"]);
    expect(mended.fix?.done?.map(({ check }) => check)).toEqual(["translator"]);
    await expectHealthy(lab);
    expect(await translatorPid(lab)).not.toBe(pid);
    await expectTranslatedPage(lab, device);

    const ofNetwork = ["pkill", "-KILL", "-f", "--", `--config=${lab.directory}/.*/nat64\\.conf`];
    await lab.wan.router.run(ofNetwork);
    const dead = await expectCause(lab, "nat64", /nobody behind it answers|leads nowhere/);
    expect(dead.findings.find(({ check }) => check === "nat64")?.evidence.join()).toContain(device.mac);
  },
);
