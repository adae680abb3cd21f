/** What a build answers before it serves: that it starts here, reads configurations, packs and unpacks, calls C, and looks at a gateway. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { gatewayCommand } from "../gateway.ts";
import { projectFile } from "../paths.ts";
import { scenario } from "../scenario.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, waitForAddresses } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";

/** Another build than the one that serves, as one for another machine that an emulator runs, and what it has to say of its runtime. */
const build = process.env.LAB_BUILD ? [process.env.LAB_BUILD] : gatewayCommand;
const runtime = process.env.LAB_BUILD_RUNTIME ?? `Node.js ${process.versions.node}, ${process.arch}`;

/** An emulator takes several seconds for each. */
async function answer(lab: Lab, ...args: readonly string[]) {
  const { code, stdout, stderr } = await lab.gateway.namespace.run([...build, ...args], {
    mayFail: true,
    timeoutMs: 60_000,
  });
  return [code, stdout, stderr] as const;
}

async function expectReadsConfigurations(lab: Lab): Promise<void> {
  const good = lab.gateway.configFile;
  expect(await answer(lab, "config", "check", "--config", good)).toEqual([
    0,
    `${good}: the configuration is good.\n`,
    "",
  ]);
  const bad = join(lab.gateway.directory, "bad.toml");
  const text = `${await readFile(good, "utf8")}\n`;
  await writeFile(bad, `${text}[lan6]\nmetric = 1\n`);
  const line = text.split("\n").length;
  const [code, stdout, stderr] = await answer(lab, "config", "check", "--config", bad);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(`${bad}: 1 problem in the configuration\n  line ${line}: lan6`);
}

scenario(
  "a build starts, reads configurations, tests itself and looks at the gateway that runs",
  { wan: { ipv6: {}, registered: registered(1) } },
  async (lab) => {
    const { version } = JSON.parse(await readFile(projectFile("package.json"), "utf8")) as {
      readonly version: string;
    };
    expect(await answer(lab, "--version")).toEqual([0, `${version}\n`, ""]);
    const [code, , stderr] = await answer(lab, "statsu");
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown command 'statsu'")]);
    expect(await answer(lab, "self-test")).toEqual([
      0,
      [
        `ok      runtime: ${runtime}`,
        "ok      DHCPv4: 300 octets there and back",
        "ok      DHCPv6: 30 octets there and back",
        "ok      configuration: the defaults read back",
        "ok      native part: C functions can be called",
        "",
      ].join("\n"),
      "",
    ]);

    await startGateway(lab, quick6);
    await expectReadsConfigurations(lab);
    const camera = await addServingDevice(lab, 1, { web: [80] });
    const { addresses4 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    const direct = (words: string) => [...words.split(" "), "--config", lab.gateway.configFile];
    const [shownCode, shown, complaints] = await answer(lab, ...direct("status --direct"));
    expect([shownCode, complaints]).toEqual([0, ""]);
    expect(shown).toMatch(new RegExp(`daemon +running, pid ${lab.gateway.pid}, `));
    expect(shown).toMatch(/devices +1 device: 1 active/);
    expect(shown).toMatch(/kernel +1 identity, \d+ routing rules, nftables table in place/);

    // Nothing changes any more, so that both must say the same to the letter.
    await lab.gateway.waitFor("the address stands in the file", async () =>
      (await readFile(lab.gateway.stateFile, "utf8")).includes(addresses4[0] ?? "none"),
    );
    await lab.gateway.stop("SIGKILL");
    for (const words of ["status --direct --json", "devices --direct --json"]) {
      const { stdout } = await lab.gateway.command(words.split(" "));
      expect(stdout).toContain(words.startsWith("status") ? '"running": false' : (addresses4[0] ?? "none"));
      expect(await answer(lab, ...direct(words))).toEqual([0, stdout, ""]);
    }
  },
);
