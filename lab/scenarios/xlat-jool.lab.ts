/** 464XLAT by Jool in a namespace of its own. Where no kernel module can be loaded, lab/programs/jool-siit.mjs stands in for it: cable, namespace, routes and rules are the real ones. */
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { standardPrefix } from "../description6.ts";
import { run } from "../exec.ts";
import { projectFile } from "../paths.ts";
import { scenario } from "../scenario.ts";
import { addDhcpDevice, expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import {
  expectOwnAddress,
  expectTranslated,
  expectTranslatedPage,
  nat64Prefix,
  translatorPid,
  waitForTranslation,
} from "../suites/xlat.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";

const config = { ...quick6, xlat464: { engine: "jool" } };

/** Puts the stand-in where the gateway looks for programs; gives what was typed. */
async function standIn(lab: Lab): Promise<() => Promise<readonly string[]>> {
  const [bin, state] = [join(lab.directory, "bin"), join(lab.directory, "jool")];
  await mkdir(bin, { recursive: true });
  const program = join(bin, "jool_siit");
  await writeFile(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${projectFile("lab/programs/jool-siit.mjs")}" "$@"\n`,
  );
  await chmod(program, 0o755);
  process.env.PATH = `${bin}:${process.env.PATH}`;
  process.env.JOOL_STAND_IN = state;
  return async () => (await readFile(join(state, "typed.txt"), "utf8")).trim().split("\n");
}

/** As if somebody had unloaded and loaded the module. */
async function takeAway(lab: Lab): Promise<void> {
  const state = join(lab.directory, "jool");
  for (const name of (await readdir(state)).filter((file) => file.endsWith(".json"))) {
    const { pid } = JSON.parse(await readFile(join(state, name), "utf8")) as { readonly pid: number };
    process.kill(pid, "SIGKILL");
    await rm(join(state, name));
  }
}

const namespaces = async (): Promise<string> => (await run(["ip", "netns", "list"])).stdout;

scenario(
  "Jool: TCP, UDP, fragments and ping; taken away it comes back, after a restart too, and cleanup leaves no trace",
  {
    wan: {
      ipv4: false,
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
      registered: registered(1),
      clients: 0,
    },
  },
  async (lab) => {
    const typed = await standIn(lab);
    await startGateway(lab, config);
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    await waitForTranslation(lab, device.mac);
    await expectTranslated(lab, device);
    await expectOwnAddress(device, slaacAddress(standardPrefix("a"), device.mac), lab.wan);
    expect(await translatorPid(lab)).toBeUndefined();
    expect((await typed()).filter((line) => !line.includes("display"))).toEqual([
      `instance add gateway --netfilter --pool6 ${nat64Prefix}`,
      "--instance gateway eamt add 192.168.1.0/24 fd2c:81a7:464::c0a8:100/120",
      "--instance gateway eamt add 192.0.0.8/32 fd2c:81a7:464::c000:8/128",
    ]);

    await takeAway(lab);
    expect(await device.ping(lab.wan.internet.ip)).toBe(false);
    await waitFor("what was taken away is back", () => device.ping(lab.wan.internet.ip), {
      timeoutMs: 20_000,
    });

    // The laboratory gives each run mounts of its own, so that the next one finds the name of the namespace alone.
    await lab.gateway.stop();
    await startGateway(lab, config);
    await lab.gateway.waitFor("translated after a restart", () => device.ping(lab.wan.internet.ip), {
      timeoutMs: 40_000,
    });
    await expectTranslatedPage(lab, device);
    await expectNoDrops(lab);

    await lab.gateway.stop();
    expect(await namespaces()).toContain("xlat464");
    expect((await lab.gateway.command(["cleanup"])).code).toBe(0);
    expect(await namespaces()).not.toContain("xlat464");
    const links = await lab.gateway.namespace.run(["ip", "link", "show"]);
    expect(links.stdout).not.toContain("xlat464");
  },
);

scenario(
  "Jool asked for where it is not installed: status says so, and what is allowed",
  {
    wan: {
      ipv4: false,
      ipv6: { nat64: nat64Prefix, pref64: nat64Prefix },
      registered: registered(1),
      clients: 0,
    },
  },
  async (lab) => {
    await startGateway(lab, config);
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    const status = await lab.gateway.waitFor("status tells that Jool is missing", async () => {
      const { stdout } = await lab.gateway.command(["status", "--direct"]);
      return stdout.includes("jool_siit") && stdout;
    });
    expect(status.replace(/\s+/g, " ")).toContain(
      "The network has no IPv4, and the devices' IPv4 cannot be translated: the program jool_siit is not installed",
    );
  },
);
