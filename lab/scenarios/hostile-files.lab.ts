/** Whatever stands in the gateway's files: it is told in a line, kept as it is, and nothing of it is executed. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { deviceMac } from "../description.ts";
import { scenario } from "../scenario.ts";
import { expectNothingExecuted, expectRefused, expectShowable, hostileTexts } from "../suites/hostile.ts";
import { identityAddresses, registered, startGateway, waitForLease } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, pageAt, waitForAddresses, waitForPage } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

const wan = { ipv6: {}, registered: registered(1, 2), clients: ["dual"] as const };

const forwardsFile = (lab: Lab): string => join(dirname(lab.gateway.stateFile), "forwards.json");

type Json = Record<string, unknown>;
interface State extends Json {
  devices: Record<string, Json>;
}

/** A state in which one thing of the second device is damaged. */
const damaged = (good: State, change: (device: Json, state: State) => void): string => {
  const state = structuredClone(good);
  change(state.devices[deviceMac(2)] as Json, state);
  return JSON.stringify(state);
};

function damages(good: State, words: readonly string[]): readonly string[] {
  const [semicolon = "", dollar = "", backtick = "", , , line = ""] = words;
  const text = JSON.stringify(good);
  return [
    text.slice(0, -40),
    `${text}\u0000`,
    text.replace('"devices"', '"dev\u0000ices"'),
    `${'{"version":1,"written_at":'}${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    "",
    damaged(good, (device, state) => {
      state.devices[`${deviceMac(3)}${semicolon}`] = device;
    }),
    damaged(good, (device) => (device.mac_address = `${deviceMac(2)}${dollar}`)),
    damaged(good, (device) => (device.ipv4_address = `192.168.1.77${backtick}`)),
    damaged(good, (device) => (device.ipv4_wan_address = "A".repeat(10_000))),
    damaged(good, (device) => (device.ipv6_address = `2001:db8::1,${line}`)),
    damaged(good, (device) => (device.status = semicolon)),
    damaged(good, (device) => (device.hostname = { toString: dollar })),
    damaged(good, (device) => ((device.lease4 as Json).address = [dollar])),
    damaged(good, (device) => ((device.lease4 as Json).server_mac = backtick)),
    damaged(good, (device) => ((device.lease4 as Json).renew_at = line)),
    damaged(good, (device) => ((device.fingerprint as Json).client_id = `01${dollar}`)),
    damaged(good, (_, state) => (state.network = { ipv4: dollar })),
  ];
}

const macsOf = async (lab: Lab): Promise<readonly string[]> =>
  (await lab.gateway.devices()).map((d) => d.mac_address).sort();

/** Starts the daemon; gives the lines that it printed until it runs. */
async function startedWith(lab: Lab): Promise<readonly string[]> {
  const from = lab.gateway.output.length;
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/, { from });
  return lab.gateway.output.slice(from);
}

scenario(
  "a state file with hostile or broken entries is set aside as it is, and the backup counts",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    const devices = [1, 2].map((n) => addServingDevice(lab, n, { web: [80] }));
    const leased = new Map<string, string>();
    for (const { mac } of await Promise.all(devices)) leased.set(mac, await waitForLease(lab, mac));
    await lab.gateway.stop();
    const { stateFile } = lab.gateway;
    const good = JSON.parse(await readFile(stateFile, "utf8")) as State;
    for (const text of damages(good, hostileTexts(lab))) {
      await copyFile(stateFile, `${stateFile}.1`);
      await writeFile(stateFile, text);
      expectShowable((await lab.gateway.command(["devices", "--direct"])).stdout, 80);
      const said = (await startedWith(lab)).filter((line) => / is damaged \(/.test(line));
      expect(said, text.slice(0, 200)).toHaveLength(1);
      expectShowable(said.join("\n"), 700);
      // The file itself is written again a second later.
      await lab.gateway.waitFor(
        "both devices are known",
        async () => (await macsOf(lab)).join() === [1, 2].map(deviceMac).join(),
      );
      const [, aside = ""] = /set aside as (\S+)\./.exec(said[0] ?? "") ?? [];
      expect(await readFile(aside, "utf8")).toBe(text);
      await lab.gateway.stop();
    }
    for (const [mac, ip] of leased) expect(await identityAddresses(lab, mac)).toEqual([ip]);
    await expectNothingExecuted(lab);
  },
  { timeoutMs: 400_000 },
);

scenario("what a state file may hold is no command either", { wan }, async (lab) => {
  await startGateway(lab, quick6);
  const camera = await addServingDevice(lab, 1, { web: [80] });
  await waitForLease(lab, camera.mac);
  await lab.gateway.stop();
  const { stateFile } = lab.gateway;
  const state = JSON.parse(await readFile(stateFile, "utf8")) as State;
  const [model] = Object.values(state.devices) as [Json];
  const words = [...hostileTexts(lab), "\u0000\u0001"];
  for (const [i, word] of words.entries()) {
    const mac = deviceMac(20 + i);
    state.devices[mac] = {
      ...model,
      ...{ mac_address: mac, hostname: word, reason: word, status: "failed" },
      ...{ lease4: null, lease6: null, ipv4_wan_address: null, ipv6_address: null },
      // Outside the LAN: there is nobody.
      ipv4_address: `10.9.9.${i + 1}`,
      fingerprint: { ...(model.fingerprint as Json), hostname: word, vendor_class: "27".repeat(10_000) },
    };
  }
  await writeFile(stateFile, JSON.stringify(state));
  const said = await startedWith(lab);
  expect(said.filter((line) => line.includes("damaged"))).toEqual([]);
  expectShowable(said.join("\n"), 12_000);
  await waitForLease(lab, camera.mac);
  expect(await macsOf(lab)).toHaveLength(1 + words.length);
  const shown = await lab.gateway.command(["devices", "--direct"]);
  expect([shown.code, shown.stderr]).toEqual([0, ""]);
  expectShowable(shown.stdout, 80);
  await lab.gateway.stop();
  const kept = (await lab.gateway.state()) as State;
  expect(words.map((_, i) => kept.devices[deviceMac(20 + i)]?.hostname)).toEqual(words);
  expect((await lab.gateway.kernelState()).rules.filter((rule) => rule.includes("10.9.9."))).toEqual([]);
  await expectNothingExecuted(lab);
});

const aForward = (n: number): Json => ({
  protocol: "tcp",
  port: 9000 + n,
  address: "192.168.1.100",
  target: 80,
});

scenario(
  "a file of forwards with hostile entries is left as it is until somebody mends it",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    const camera = await addServingDevice(lab, 1, { web: [80, 8000] });
    const { addresses4 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
    const client = lab.wan.clients[0] as WanHost;
    const [four = ""] = addresses4;
    const forward = (...args: readonly string[]) => lab.gateway.command(["port-forward", ...args]);
    expect((await forward("add", "9000", await camera.waitForIp(), "8000")).code).toBe(0);
    await waitForPage(lab, client, four, 9000, camera.name);
    const path = forwardsFile(lab);
    const good = await readFile(path, "utf8");
    const words = hostileTexts(lab);
    const hostile = words.flatMap((word) => [
      { ...aForward(0), address: `192.168.1.100${word}` },
      { ...aForward(0), protocol: word },
      { ...aForward(0), target: word },
      { ...aForward(0), [word]: word },
    ]);
    const texts = [
      ...hostile.map((entry) => JSON.stringify({ version: 1, forwards: [aForward(1), entry] })),
      ...["", "{", `${good}\u0000`, "[".repeat(100_000) + "]".repeat(100_000), '{"version":2,"forwards":[]}'],
      JSON.stringify({ version: 1, forwards: [aForward(0), aForward(0)] }),
      JSON.stringify({
        version: 1,
        forwards: [
          { ...aForward(0), port: 0 },
          { ...aForward(0), target: 1e9 },
        ],
      }),
    ];
    for (const text of texts) {
      const from = lab.gateway.output.length;
      await writeFile(path, text);
      const said = await lab.gateway.waitForOutput(/forwards.json cannot be used/, { from });
      expectShowable(said, 700);
      for (const args of [
        ["list"],
        ["quick-device", "192.168.1.100"],
        ["remove", "9000", "192.168.1.100", "80"],
      ])
        expectRefused(await forward(...args));
      expect(await readFile(path, "utf8")).toBe(text);
    }
    expect(await pageAt(client, four, 9000)).toBe(camera.name);
    expectShowable((await lab.gateway.command(["status", "--direct"])).stdout, 80);
    const from = lab.gateway.output.length;
    await lab.gateway.stop();
    await startedWith(lab);
    await lab.gateway.waitForOutput(/forwards.json cannot be used, no manual forward is in force/, { from });
    await writeFile(path, good);
    await waitForPage(lab, client, four, 9000, camera.name);
    await expectNothingExecuted(lab);
  },
  { timeoutMs: 400_000 },
);

const configurations = (word: string): readonly string[] => {
  const text = JSON.stringify(word);
  return [
    `[lan]\ninterface = ${text}\n`,
    `[wan]\ninterface = ${text}\n`,
    `[wan]\ninterface = ["eth0", ${text}]\n`,
    `[lan]\naddress = ${text}\n`,
    `[lan]\n${text} = ${text}\n`,
    `[${text}]\ninterface = 1\n`,
    `[discovery]\nallow = [${text}]\n`,
    `[forwards.ports]\n${text} = 80\n`,
    `[proxy]\nstats_uri = ${text}\n`,
    `[state]\ndirectory = ${JSON.stringify(`/tmp/"${word}`)}\n`,
    `[state]\nruntime_directory = ${JSON.stringify(`/tmp/ ${word}`)}\n`,
    `interface = ${word}\n`,
  ];
};

scenario(
  "hostile interface names and values in the configuration",
  { wan },
  async (lab) => {
    await startGateway(lab, quick6);
    await lab.gateway.stop();
    const before = await lab.gateway.kernelState();
    for (const text of hostileTexts(lab).flatMap(configurations)) {
      await writeFile(lab.gateway.configFile, text);
      const { code, stdout, stderr } = await lab.gateway.command(["run"]);
      expect([code, stdout], text.slice(0, 200)).toEqual([2, ""]);
      expectShowable(stderr, 400);
      expect(stderr).toMatch(
        /^gateway: \S+gateway\.toml: \d+ problems? in the configuration\n(?: {2}.+\n)+Hint: .+\n$/,
      );
    }
    expect(await lab.gateway.kernelState()).toEqual(before);
    await expectNothingExecuted(lab);
  },
  { timeoutMs: 400_000 },
);
