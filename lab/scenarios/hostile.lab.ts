/** Whatever people type or devices call themselves: it is told in a line, and nothing of it is executed. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { anyIp4, broadcastIp4 } from "../../src/base/ip4.ts";
import { broadcastMac, type Mac } from "../../src/base/mac.ts";
import { dhcp4Ports, emitDhcp4Frame } from "../../src/wire/dhcp4/frame.ts";
import { deviceMac } from "../description.ts";
import type { Device } from "../devices.ts";
import { gatewayCommand } from "../gateway.ts";
import { scenario } from "../scenario.ts";
import { sendFrames } from "../send-frames.ts";
import { expectNothingExecuted, expectRefused, expectShowable, hostileTexts } from "../suites/hostile.ts";
import { registered, startGateway, waitForLease } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, pageAt, waitForAddresses, waitForPage } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const wan = { ipv6: {}, registered: registered(1), clients: ["dual"] as const };

const forwardsFile = (lab: Lab): string => join(dirname(lab.gateway.stateFile), "forwards.json");

/** All that a command could have changed. */
async function everything(lab: Lab): Promise<unknown> {
  const { nftables, rules, addresses } = await lab.gateway.kernelState();
  const { devices } = (await lab.gateway.state()) as { readonly devices: Readonly<Record<string, object>> };
  const known = Object.entries(devices).map(([mac, device]) => [mac, { ...device, last_seen: "" }]);
  const forwards = await readFile(forwardsFile(lab), "utf8");
  return { nftables, rules, addresses, forwards, known };
}

/** A command line for each place of each command that takes a word, with the word in it. */
const commandLines = (word: string): readonly (readonly string[])[] => [
  [word],
  ["devices", word],
  ["devices", "--status", word],
  ["status", word],
  ["config", word],
  ["cleanup", word],
  ["run", word],
  ["port-forward", word],
  ["port-forward", "add", word, "192.168.1.100", "80"],
  ["port-forward", "add", "9001", word, "80"],
  ["port-forward", "add", "9001", `192.168.1.100${word}`, "80"],
  ["port-forward", "add", "9001", "192.168.1.100", `80${word}`, "--udp"],
  ["port-forward", "remove", word, "192.168.1.100", "80"],
  ["port-forward", "remove", "9000", word, "80"],
  ["port-forward", "remove", "9000", "192.168.1.100", word],
  ["port-forward", "list", word],
  ["port-forward", "quick-device", word],
];

scenario(
  "hostile words in every place of the command line",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    const camera = await addServingDevice(lab, 1, { web: [80, 8000] });
    const { addresses4 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    const client = lab.wan.clients[0] as WanHost;
    const [four = ""] = addresses4;
    const add = ["port-forward", "add", "9000", await camera.waitForIp(), "8000"];
    expect((await lab.gateway.command(add)).code).toBe(0);
    await waitForPage(lab, client, four, 9000, camera.name);
    const before = await everything(lab);
    const words = hostileTexts(lab);
    const lines = words.flatMap(commandLines);
    const one = async (): Promise<void> => {
      for (let line = lines.pop(); line !== undefined; line = lines.pop())
        expectRefused(await lab.gateway.command(line));
    };
    await Promise.all([one(), one(), one()]);
    for (const word of words) {
      const argv = [...gatewayCommand, "config", "check", "--config", word];
      expectRefused(await lab.gateway.namespace.run(argv, { mayFail: true }));
    }
    await expectNothingExecuted(lab);
    expect(await everything(lab)).toEqual(before);
    expect(lab.gateway.running).toBe(true);
    expect(await pageAt(client, four, 9000)).toBe(camera.name);
  },
  { timeoutMs: 400_000 },
);

/** A device that has an address tells more of itself (RFC 2131 section 3.4). */
const inform = (mac: Mac, hostName: string): Uint8Array =>
  emitDhcp4Frame({
    ...{ sourceMac: mac, destinationMac: broadcastMac, sourceIp: anyIp4, destinationIp: broadcastIp4 },
    ...{ sourcePort: dhcp4Ports.client, destinationPort: dhcp4Ports.server },
    message: {
      ...{ op: "request", hops: 0, xid: 1, secs: 0, broadcast: false, chaddr: mac },
      ...{ ciaddr: anyIp4, yiaddr: anyIp4, siaddr: anyIp4, giaddr: anyIp4 },
      options: { messageType: "inform", hostName },
      ...{ unknown: new Map(), malformed: [] },
    },
  });

/** Every line of what the gateway writes for people and programs is one that it meant to write. */
async function expectFilesUnharmed(lab: Lab): Promise<void> {
  const log = await readFile(lab.gateway.logFile, "utf8");
  expectShowable(log, 4_000);
  for (const line of log.trimEnd().split("\n"))
    expect(line).toMatch(/^\d{4}-\d\d-\d\d [\d:.]{12} (?:DEBUG|INFO|WARN|ERROR) /);
  const leases = await readFile(join(dirname(lab.gateway.stateFile), "dnsmasq.leases"), "utf8");
  for (const line of leases.trimEnd().split("\n"))
    expect(line).toMatch(/^\d+ [0-9a-f:]{17} [\d.]+ [\w.*-]+ \S+$/);
  const run = join(lab.gateway.directory, "run");
  const config = (await readdir(run)).filter((name) => /^(?:haproxy|dnsmasq|resolv)/.test(name));
  for (const name of config.filter((file) => /\.(?:cfg|map|conf)$/.test(file)))
    expect(await readFile(join(run, name), "utf8")).not.toMatch(/executed|[^\n\x20-\x7e\t]/);
}

/** What a host name can be on the wire: at most 255 octets, and no NUL in what the client program takes. */
const names = (lab: Lab): readonly string[] => {
  const words = hostileTexts(lab).filter((word) => Buffer.byteLength(word) <= 255);
  return [...words, "x".repeat(255), "é\n".repeat(85)];
};
const many = registered(...Array.from({ length: 20 }, (_, i) => i + 1));

scenario("devices that call themselves hostile names", { wan: { ...wan, registered: many } }, async (lab) => {
  await startGateway(lab, quick6);
  const devices = await Promise.all(
    names(lab).map((hostName, i) =>
      lab.addDevice({ name: `d${i + 1}`, mac: deviceMac(i + 1), address: "dhcp", hostName }),
    ),
  );
  for (const device of devices) {
    await device.waitForIp();
    await waitForLease(lab, device.mac);
  }
  const [first] = devices as [Device];
  const withNul = "nul\u0000\u00ff$(reboot)";
  await sendFrames(first.namespace, "eth0", inform(first.mac as Mac, withNul));
  await lab.gateway.waitFor("the name with a NUL is known", async () =>
    (await lab.gateway.devices()).some(({ hostname }) => hostname === withNul),
  );
  const shown = await lab.gateway.command(["devices", "--direct"]);
  expect([shown.code, shown.stderr]).toEqual([0, ""]);
  expectShowable(shown.stdout, 80);
  expect(shown.stdout).toContain(`${devices.length} devices: ${devices.length} active`);
  await expectFilesUnharmed(lab);
  await expectNothingExecuted(lab);

  await lab.gateway.stop("SIGKILL");
  await startGateway(lab, quick6);
  for (const device of devices) await waitForLease(lab, device.mac);
  await expectFilesUnharmed(lab);
  await expectNothingExecuted(lab);
});
