/** Networks that have only IPv6: the devices' IPv4 goes by 464XLAT, each under its own identity's IPv6 address. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { standardPrefix } from "../description6.ts";
import { scenario } from "../scenario.ts";
import { diagnose } from "../suites/diagnose.ts";
import { addDhcpDevice, expectNoDrops, registered, startGateway } from "../suites/network.ts";
import { quick6, slaacAddress } from "../suites/network6.ts";
import {
  expectOwnAddress,
  expectTranslated,
  expectTranslatedPage,
  hops,
  nat64Prefix,
  translatorPid,
  waitForTranslation,
} from "../suites/xlat.ts";
import { waitFor } from "../wait.ts";

const prefix = standardPrefix("a");
const ipv6Only = { ipv4: false, registered: registered(1, 2), clients: 0 } as const;

scenario(
  "NAT64 told by routers (PREF64): TCP, UDP, fragments, ping and traceroute reach a host that has only IPv4",
  { wan: { ...ipv6Only, ipv6: { nat64: nat64Prefix, pref64: nat64Prefix } } },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    const { reason } = await waitForTranslation(lab, device.mac);
    expect(reason).toBe(`its IPv4 goes by 464XLAT (NAT64 ${nat64Prefix})`);
    await expectTranslated(lab, device);
    const { ip } = lab.wan.internet;
    // Gateway, translator, then IPv6 routers that have no IPv4 address, the NAT64's own last one, the host.
    const way = await hops(device, ip);
    expect(way.slice(0, 3)).toEqual(["192.168.1.1", "192.0.0.2", "192.0.0.8"]);
    expect(way.slice(-2)).toEqual(["203.0.113.254", ip]);
    await expectOwnAddress(device, slaacAddress(prefix, device.mac), lab.wan);
    const { stdout } = await lab.gateway.command(["status", "--direct"]);
    expect(stdout).toMatch(/NAT64\s+2001:db8:64::\/96\s+\(told\s+by\s+routers\)/);
    await expectNoDrops(lab);
  },
);

scenario(
  "NAT64 told by name servers (RFC 7050): large transfers over a path of 1280 octets; two devices, one of them excluded; tayga killed comes back",
  { wan: { ...ipv6Only, ipv6: { nat64: nat64Prefix, nat64Name: true } } },
  async (lab) => {
    await startGateway(lab, { ...quick6, xlat464: { exclude: [deviceMac(2)] } });
    const device = await addDhcpDevice(lab, 1);
    const excluded = await addDhcpDevice(lab, 2);
    await Promise.all([device.waitForIp(), excluded.waitForIp()]);
    await waitForTranslation(lab, device.mac);
    await expectTranslatedPage(lab, device);
    const { ip } = lab.wan.internet;
    expect(await excluded.ping(ip)).toBe(false);

    await lab.wan.router.ip(["link set nat64 mtu 1280"]);
    expect((await device.download(`http://${ip}/bytes?n=3000000`).finished).bytes).toBe(3_000_000);
    const post = ["curl", "-sS", "--fail", "--max-time", "10", "-o", "/dev/null", "-w", "%{size_upload}"];
    const upload = await device.namespace.run(
      [...post, "--data-binary", "@/proc/self/exe", `http://${ip}/`],
      {
        mayFail: true,
      },
    );
    expect(Number(upload.stdout)).toBeGreaterThan(100_000);

    const pid = await translatorPid(lab);
    expect(pid).toBeGreaterThan(0);
    const from = performance.now();
    process.kill(pid ?? 0, "SIGKILL");
    // A command may take longer than tayga is away; it reads this file.
    const told = join(lab.gateway.directory, "run/troubles.txt");
    await waitFor(
      "what status reads says that tayga is away",
      async () => (await readFile(told, "utf8").catch(() => "")).includes("tayga"),
      { everyMs: 20 },
    );
    await waitFor("the device reaches the host again", () => device.ping(ip), { everyMs: 50 });
    lab.notes.push(`tayga killed: back after ${Math.round(performance.now() - from)} ms`);
    await waitFor(
      "status says no more of tayga",
      async () => !(await lab.gateway.command(["status", "--direct"])).stdout.includes("tayga"),
    );
    await expectNoDrops(lab);
  },
);

scenario(
  "a prefix of 64 bits works; one that is configured and is not the network's is told; the well-known one says what it cannot do",
  { wan: { ...ipv6Only, ipv6: { nat64: "2001:db8:64:64::/64", pref64: "2001:db8:64:64::/64" } } },
  async (lab) => {
    await startGateway(lab, quick6);
    const device = await addDhcpDevice(lab, 1);
    await device.waitForIp();
    await waitForTranslation(lab, device.mac);
    await expectTranslated(lab, device);
    await expectNoDrops(lab);

    await lab.gateway.stop();
    await startGateway(lab, { ...quick6, xlat464: { prefix: nat64Prefix } });
    const doubt = `xlat464.prefix is ${nat64Prefix}, but the network's routers advertise NAT64 2001:db8:64:64::/64`;
    await lab.gateway.waitForOutput(new RegExp(doubt));
    const says = async (argv: readonly string[], words: string): Promise<void> => {
      const { stdout } = await lab.gateway.command(argv);
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(words);
    };
    await lab.gateway.waitFor("status says it", () => says(["status", "--direct"], doubt).then(() => true));
    expect(JSON.stringify((await diagnose(lab)).findings)).toContain(doubt);

    await lab.gateway.stop();
    await lab.wan.announce({ pref64: "64:ff9b::/96" });
    const from = lab.gateway.output.length;
    await startGateway(lab, quick6);
    await lab.gateway.waitForOutput(/64:ff9b::\/96 carries no private IPv4 addresses/, { from });
    await lab.gateway.waitFor("status tells what it cannot carry", () =>
      says(["status", "--direct"], "for public IPv4 addresses only").then(() => true),
    );
    expect(JSON.stringify((await diagnose(lab)).findings)).toContain("carries public IPv4 addresses only");
  },
);
