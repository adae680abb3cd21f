/** The commands that ask the running gateway, and what they say when it is dead. Every `--json` is held against its published schema. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { deviceMac, type LabDescription } from "../description.ts";
import { start } from "../exec.ts";
import { gatewayCommand } from "../gateway.ts";
import { scenario } from "../scenario.ts";
import { apiConfig, socketOf } from "../suites/api.ts";
import { registered, startGateway } from "../suites/network.ts";
import { quick6 } from "../suites/network6.ts";
import { addServingDevice, waitForAddresses } from "../suites/reach.ts";
import type { Lab } from "../topology.ts";

const network: LabDescription = { wan: { ipv6: {}, registered: registered(1, 2) } };

/** Runs a command that must be good, and gives what it printed. */
async function good(lab: Lab, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.gateway.command(args);
  expect([code, stderr], args.join(" ")).toEqual([0, ""]);
  return stdout;
}

type Json = Readonly<Record<string, unknown>>;

/** Runs commands with `--json` and holds what they print against the published schemas. */
class Published {
  readonly #lab: Lab;
  readonly #schemas: Readonly<Record<string, Json>>;
  readonly #ajv = new Ajv2020({ validateFormats: false, allErrors: true });
  readonly checked = new Set<string>();

  private constructor(lab: Lab, schemas: Readonly<Record<string, Json>>) {
    this.#lab = lab;
    this.#schemas = schemas;
  }

  static async of(lab: Lab): Promise<Published> {
    return new Published(lab, JSON.parse(await good(lab, "schema")) as Record<string, Json>);
  }

  get commands(): readonly string[] {
    return Object.keys(this.#schemas);
  }

  check(command: string, document: unknown): Json {
    const schema = this.#schemas[command];
    if (!schema) throw new Error(`no schema of ${command}`);
    const valid: ValidateFunction = this.#ajv.compile(schema);
    valid(document);
    expect(valid.errors ?? [], `${command}: ${JSON.stringify(document)}`).toEqual([]);
    this.checked.add(command);
    return document as Json;
  }

  async json(command: string, ...args: readonly string[]): Promise<Json> {
    return this.check(command, JSON.parse(await good(this.#lab, ...command.split(" "), ...args)));
  }
}

/** A busy machine takes seconds to start a command. */
const patient = { timeoutMs: 30_000 };

const nothingToDo = (lab: Lab): Promise<unknown> =>
  lab.gateway.waitFor(
    "there is nothing to do",
    async () => (await good(lab, "plan")).startsWith("Nothing to do.\n"),
    patient,
  );

const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

/** What people see fits a terminal of 80 columns. */
async function expectFits(lab: Lab, ...args: readonly string[]): Promise<string> {
  const text = await good(lab, ...args);
  expect(lines(text).filter((line) => line.length > 80)).toEqual([]);
  return text;
}

scenario("the commands show the running gateway, and change it", network, async (lab) => {
  await startGateway(lab, { ...quick6, ...apiConfig });
  const camera = await addServingDevice(lab, 1, { web: [80] });
  const { addresses4, addresses6 } = await waitForAddresses(lab, camera, { four: 1, six: 1 });
  const lanIp = await camera.waitForIp();
  const published = await Published.of(lab);

  expect(await published.json("status", "--json")).toMatchObject({
    running: true,
    pid: lab.gateway.pid,
    device_count: 1,
    wan: { interface: "eth0", state: "up", own_mac: "silent" },
    lan: { addresses: ["192.168.1.1/24"] },
    problems: [],
  });
  const status = await expectFits(lab, "status");
  expect(status).toMatch(new RegExp(`daemon +running, pid ${lab.gateway.pid}, started \\d+ s ago`));
  expect(status).toMatch(/devices +1 device: 1 active/);
  expect(await published.json("status", "--direct", "--json")).toMatchObject({ pid: lab.gateway.pid });
  const of = { mac_address: camera.mac, ipv4_address: lanIp, ipv4_wan_address: addresses4[0] };
  expect(await published.json("devices", "--json")).toMatchObject({ total: 1, devices: [of] });
  expect(await published.json("devices", "--direct", "--json")).toMatchObject({ total: 1, devices: [of] });
  expect(await published.json("devices", "failed", "--json")).toEqual({ total: 0, devices: [] });
  const table = await expectFits(lab, "devices", "active");
  expect(table).toContain(`${camera.mac}  host-1  ${lanIp}`);
  expect(table).toContain(`WAN IPv6 ${addresses6[0]}`);

  await tellsChanges(published, lanIp);
  expect(await published.json("port-forward list", "--json")).toMatchObject({ total: 1 });
  await lab.gateway.waitFor("the forward is in force", async () =>
    (await good(lab, "device", camera.mac)).replace(/\s+/g, " ").includes("9000/tcp to its port 80"),
  );
  expect(await published.json("device", camera.mac.toUpperCase(), "--json")).toMatchObject({
    ...of,
    lease4: { address: addresses4[0] },
    forwards: expect.arrayContaining([
      expect.objectContaining({ port: 9000, target: 80, automatic: false }),
      expect.objectContaining({ port: 8080, target: 80, automatic: true, open: true }),
    ]),
  });
  const detail = await expectFits(lab, "device", camera.mac);
  for (const said of [/\(T1\)/, /\(T2\)/, /expires in/, /IPv4 obtained: /, /seen on the LAN/])
    expect(detail).toMatch(said);
  const unknown = await lab.gateway.command(["device", deviceMac(9)]);
  expect([unknown.code, unknown.stderr]).toEqual([1, `gateway: there is no device ${deviceMac(9)}\n`]);

  const csv = await good(lab, "export", "--format", "csv");
  expect(lines(csv)[0]).toBe(
    "mac_address,hostname,vendor,status,ipv4_address,ipv4_wan_address,ipv6_address,discovered_at,last_seen\r",
  );
  expect(lines(csv)[1]).toMatch(new RegExp(`^${camera.mac},host-1,[^,"]*|"[^"]*",active,${lanIp},`));
  expect(await published.json("export", "--format", "json", "--direct")).toMatchObject({
    total: 1,
    devices: [{ mac_address: camera.mac, hostname: "host-1", vendor: expect.stringMatching(/iana/i) }],
  });

  await nothingToDo(lab);
  expect(await published.json("plan", "--json")).toMatchObject({ total: 0, actions: [] });
  const address = `${addresses4[0]}/24`;
  const ifname = `gw${camera.mac.replaceAll(":", "")}`;
  // The gateway mends it a second later: it is taken away again and again, so that it is missing most of the time.
  const remove = `while :; do ip address delete ${address} dev ${ifname} 2>/dev/null; sleep 0.05; done`;
  const remover = start(lab.gateway.namespace.command(["sh", "-c", remove]));
  const plan = await lab.gateway.waitFor(
    "the plan tells of the address that was taken away",
    async () => {
      const answer = await published.json("plan", "--json");
      return JSON.stringify(answer.actions).includes(`address ${ifname}`) ? answer : undefined;
    },
    patient,
  );
  await remover.stop("SIGKILL");
  expect(plan.actions).toContainEqual({
    verb: "add",
    kind: "address",
    subject: `address ${ifname} ${addresses4[0]}`,
    commands: [`ip address add ${address} dev ${ifname} noprefixroute`],
  });
  await nothingToDo(lab);

  expect(await published.json("retry", camera.mac, "--json")).toEqual({
    mac_address: camera.mac,
    message: `the servers are asked anew for ${camera.mac}`,
  });
  const from = lab.gateway.output.length;
  expect(await good(lab, "retry", camera.mac)).toBe(`The servers are asked anew for ${camera.mac}.\n`);
  await lab.gateway.waitForOutput(/DHCPv4 (requested|renewed|obtained) for/, { from });

  await rename(socketOf(lab), `${socketOf(lab)}-away`);
  expect(await published.json("devices", "--json")).toMatchObject({ total: 1, devices: [of] });
  expect(await lab.gateway.command(["retry", camera.mac])).toMatchObject({ code: 1, stdout: "" });
  await rename(`${socketOf(lab)}-away`, socketOf(lab));

  const followed: string[] = [];
  const argv = [...gatewayCommand, "events", "-f", "-n", "0", "--json"];
  const follower = start(lab.gateway.namespace.command([...argv, "--config", lab.gateway.configFile]), {
    onLine: (line) => void followed.push(line),
  });
  const heard = (kind: string, mac: string): boolean =>
    followed.some((line) => line.includes(`"kind":"${kind}"`) && line.includes(mac));
  await lab.gateway.waitFor(
    "the follower listens",
    async () => {
      await lab.gateway.command(["retry", camera.mac]);
      return heard("renewed", camera.mac);
    },
    patient,
  );
  const printer = await addServingDevice(lab, 2, { web: [80] });
  await waitForAddresses(lab, printer, { four: 1, six: 1 });
  await lab.gateway.waitFor(
    "the follower hears that the second device has come",
    () => heard("configured", printer.mac),
    patient,
  );
  expect(await published.json("forget", printer.mac, "--json")).toMatchObject({ mac_address: printer.mac });
  await lab.gateway.waitFor("the follower hears that it was forgotten", () =>
    heard("forgotten", printer.mac),
  );
  expect(await follower.stop("SIGINT")).toMatchObject({ code: 0 });
  for (const line of followed) published.check("events", JSON.parse(line));
  const told = await expectFitsEvents(lab, camera.mac);
  expect(told).toMatch(new RegExp(`${camera.mac}  host-1 +IPv4 obtained: ${addresses4[0]} `));

  published.check("diagnose", JSON.parse((await lab.gateway.command(["diagnose", "--json"])).stdout));
  await tellsConfiguration(lab, published);
  await tellsRemoval(lab, published);
  expect([...published.checked].sort()).toEqual([...published.commands].sort());
});

/** What changes something says it in JSON too; one forward, 9000, stays. */
async function tellsChanges(published: Published, address: string): Promise<void> {
  const forward = { protocol: "tcp", port: 9000, address, target: 80 };
  const added = await published.json("port-forward add", "9000", address, "80", "--json");
  expect(added).toEqual({ total: 1, forwards: [{ ...forward, changed: true }] });
  const again = await published.json("port-forward add", "9000", address, "80", "--json");
  expect(again).toEqual({ total: 1, forwards: [{ ...forward, changed: false }] });
  expect(await published.json("port-forward quick-device", address, "--json")).toMatchObject({ total: 4 });
  for (const [port, target] of ["8080 80", "2323 23", "8443 443", "2222 22"].map((pair) => pair.split(" ")))
    await published.json("port-forward remove", `${port}`, address, `${target}`, "--json");
  const networks = ["2001:db8:a::/64"];
  const open = await published.json("ipv6-forward enable", address, "--from", ...networks, "--json");
  expect(open).toEqual({ address, inbound: "all", from: networks, changed: true });
  expect(await published.json("ipv6-forward status", "--json")).toMatchObject({ default: "ports", total: 1 });
  const closed = await published.json("ipv6-forward disable", address, "--json");
  expect(closed).toEqual({ address, inbound: "ports", from: [], changed: true });
  const levels = await published.json("log-level", "dhcp4", "debug", "--json");
  expect(levels).toMatchObject({ areas: { dhcp4: "debug" } });
  await published.json("log-level", "dhcp4", "default", "--json");
}

/** What a configuration is, and what is wrong with one; and what this build can do. */
async function tellsConfiguration(lab: Lab, published: Published): Promise<void> {
  const file = lab.gateway.configFile;
  const good = { file, exists: true, valid: true, problems: [] };
  expect(await published.json("config check", "--json")).toEqual(good);
  const settings = { lan: { interface: "eth1", address: "192.168.1.1/24" } };
  expect(await published.json("config show", "--json")).toMatchObject({ file, exists: true, settings });

  const bad = join(lab.gateway.directory, "bad.toml");
  await writeFile(bad, '[lan]\naddress = "192.168.1.0/24"\nadress = 1\n');
  const argv = [...gatewayCommand, "config", "check", "--json", "--config", bad];
  const { code, stdout, stderr } = await lab.gateway.namespace.run(argv, { mayFail: true });
  expect([code, stderr]).toEqual([2, ""]);
  expect(published.check("config check", JSON.parse(stdout))).toMatchObject({
    valid: false,
    problems: [
      { path: "lan.adress", line: 3 },
      { path: "lan.address", line: 2 },
    ],
  });

  const original = join(lab.gateway.directory, "gateway_config.py");
  await writeFile(original, 'ETH0_INTERFACE = "eth0"\nAPI_HOST = "0.0.0.0"\n');
  expect(await published.json("config import", original, "--json")).toEqual({
    settings: { wan: { interface: "eth0" } },
    notes: [expect.stringContaining("API_HOST is left out")],
  });
  expect(await published.json("self-test", "--json")).toMatchObject({ passed: true });
}

/** The last thing: nothing of the gateway is left. */
async function tellsRemoval(lab: Lab, published: Published): Promise<void> {
  await lab.gateway.stop();
  const macvlans = await lab.gateway.namespace.run(["ip", "-oneline", "link", "show", "type", "macvlan"]);
  const { removed } = await published.json("cleanup", "--json");
  expect(lines(macvlans.stdout).length).toBeGreaterThan(0);
  expect(removed).toMatchObject({ identities: lines(macvlans.stdout).length, nft_tables: 1 });
  const again = await published.json("cleanup", "--json");
  expect(Object.values(again.removed as Json)).toEqual(Object.keys(removed as Json).map(() => 0));
  expect(again).toMatchObject({ processes_ended: 0, settings_restored: [], failures: [] });
}

async function expectFitsEvents(lab: Lab, mac: string): Promise<string> {
  const text = await good(lab, "events", "-n", "500");
  for (const line of lines(text)) expect(line).toMatch(/^\d\d:\d\d:\d\d {2}([0-9a-f]{2}:){5}[0-9a-f]{2} {2}/);
  return lines(text)
    .filter((line) => line.includes(mac))
    .join("\n");
}

scenario("without the daemon the commands say so, and the direct ones work", network, async (lab) => {
  await startGateway(lab, { ...quick6, ...apiConfig });
  const camera = await addServingDevice(lab, 1, { web: [80] });
  await waitForAddresses(lab, camera, { four: 1, six: 1 });
  const published = await Published.of(lab);
  const shown: string[] = [];
  const argv = [...gatewayCommand, "devices", "--watch", "--config", lab.gateway.configFile];
  const watcher = start(lab.gateway.namespace.command(argv), { onLine: (line) => void shown.push(line) });
  const sees = (what: string): Promise<unknown> =>
    lab.gateway.waitFor(
      `whoever watches sees: ${what}`,
      () => shown.some((line) => line.includes(what)),
      patient,
    );
  await sees("1 device: 1 active");
  await lab.gateway.waitFor("the device stands in the file", async () =>
    (await readFile(join(lab.gateway.directory, "state", "devices.json"), "utf8")).includes(camera.mac),
  );
  await lab.gateway.stop("SIGKILL");
  await sees("The gateway does not answer; still trying.");
  for (const words of [["status"], ["devices"], ["device", camera.mac], ["plan"], ["events"], ["export"]]) {
    const { code, stdout, stderr } = await lab.gateway.command(words);
    expect([code, stdout], words.join(" ")).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^gateway: no gateway answers at \S+api\.sock\nHint: gateway status --direct .*\n$/,
    );
  }
  expect(await published.json("devices", "--direct", "--json")).toMatchObject({
    total: 1,
    devices: [{ mac_address: camera.mac, status: "active" }],
  });
  expect(await published.json("status", "--direct", "--json")).toMatchObject({ running: false, pid: null });
  expect(await good(lab, "export", "--direct")).toContain(camera.mac);
  expect(await expectFits(lab, "status", "--direct")).toContain("not running");

  lab.gateway.start();
  await sees("The gateway answers again.");
  expect(await watcher.stop("SIGINT")).toMatchObject({ code: 0 });
});
