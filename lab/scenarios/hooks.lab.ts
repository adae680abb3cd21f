/** Those outside who are told what happens to devices: a NAC that registers MACs, a program of the operator, and ones that do not work. */
import { createHmac } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { deviceMac, type LabDescription } from "../description.ts";
import type { Running } from "../exec.ts";
import { projectFile } from "../paths.ts";
import { scenario } from "../scenario.ts";
import { ask, bearer } from "../suites/api.ts";
import { addDhcpDevice, quick, registered, startGateway, waitForStatus } from "../suites/network.ts";
import { tellsNoSecret } from "../suites/secrets.ts";
import type { Lab } from "../topology.ts";
import type { WanHost } from "../wan-host.ts";

interface Told {
  readonly event: string;
  readonly time: string;
  readonly device: {
    readonly mac_address: string;
    readonly status: string;
    readonly hostname: string | null;
    readonly ipv4_wan_address: string | null;
    readonly reason: string | null;
  };
}

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A receiver in a host of the WAN; what it was told is handed over line by line. */
async function startReceiver(
  lab: Lab,
  host: WanHost,
  onTold: (told: Told, received: Received) => void,
): Promise<Running> {
  let ready = false;
  const argv = [process.execPath, projectFile("lab/programs/hook-receiver.mjs"), "8000"];
  const onLine = (line: string): void => {
    const received = JSON.parse(line) as Partial<Received>;
    ready = true;
    if (received.body && received.headers)
      onTold(JSON.parse(received.body) as Told, { headers: received.headers, body: received.body });
  };
  const running = host.namespace.start(argv, { onLine });
  await lab.gateway.waitFor("the receiver listens", () => ready);
  return running;
}

const network: LabDescription = { wan: { registered: registered(1), clients: 1 } };
const hostile = "x$(touch hooked);`id`'<b>";

scenario(
  "a NAC hears of a new device, registers its MAC, and the device comes up by itself",
  network,
  async (lab) => {
    const [nac] = lab.wan.clients as [WanHost];
    const directory = join(lab.directory, "hooks");
    await mkdir(directory);
    const secret = join(directory, "secret");
    await writeFile(secret, "a secret of the lab\n", { mode: 0o600 });
    await writeFile(join(directory, "headers"), "Authorization: Bearer lab-nac\n", { mode: 0o600 });
    const program = join(directory, "program");
    await writeFile(
      program,
      `#!/bin/sh\ncat >"${directory}/$1-$2.json"\necho "$#" >>"${directory}/counts"\nenv >"${directory}/environment"\n`,
      { mode: 0o755 },
    );
    await startGateway(lab, {
      ...quick,
      api: { enabled: true },
      hooks: {
        url: `http://${nac.ip}:8000/register`,
        exec: program,
        secret_file: secret,
        header_file: join(directory, "headers"),
      },
    });
    // The gateway's own traffic borrows the identity of a device that works.
    await addDhcpDevice(lab, 1);
    await waitForStatus(lab, deviceMac(1), "active");
    const stranger = await lab.addDevice({
      name: "d4",
      mac: deviceMac(4),
      address: "dhcp",
      hostName: hostile,
    });
    // Nobody listens yet: what happens meanwhile is told later.
    await waitForStatus(lab, stranger.mac, "failed", 30_000);
    await lab.gateway.waitForOutput(/Hook webhook: .* is tried again: .*ECONNREFUSED/);
    const told: Told[] = [];
    const signed: boolean[] = [];
    await startReceiver(lab, nac, (message, { headers, body }) => {
      told.push(message);
      const signature = createHmac("sha256", "a secret of the lab")
        .update(`${headers["x-gateway-timestamp"]}.${body}`)
        .digest("hex");
      signed.push(
        headers["x-gateway-signature"] === `sha256=${signature}` &&
          headers.authorization === "Bearer lab-nac" &&
          headers["x-gateway-event"] === message.event,
      );
      if (message.event === "failed") void lab.wan.firewall.register(message.device.mac_address);
    });
    await waitForStatus(lab, stranger.mac, "active", 60_000);
    const of = (mac: string): Told[] => told.filter(({ device }) => device.mac_address === mac);
    await lab.gateway.waitFor(
      "the receiver hears that it works",
      () => of(stranger.mac).at(-1)?.event === "active" && of(deviceMac(1)).length === 2,
      { timeoutMs: 30_000 },
    );
    expect(of(deviceMac(1)).map(({ event }) => event)).toEqual(["new", "active"]);
    expect(of(stranger.mac).map(({ event }) => event)).toEqual(["new", "failed", "active"]);
    expect(signed).toEqual(Array(told.length).fill(true));
    const [, failed, active] = of(stranger.mac);
    expect(failed?.device.reason).toContain("is this MAC registered?");
    expect(active?.device.ipv4_wan_address).toMatch(/^198\.51\.100\./);

    await lab.removeDevice(stranger);
    const headers = await bearer(lab);
    const path = `/devices/${stranger.mac}`;
    const lanHost = [...lab.devices.values()][0]?.namespace ?? lab.lan;
    expect((await ask(lanHost, { method: "DELETE", path, headers })).status).toBe(200);
    await lab.gateway.waitFor("the receiver hears that it is gone", () => of(stranger.mac).length === 4);
    expect(of(stranger.mac)[3]).toMatchObject({
      event: "gone",
      device: { ipv4_wan_address: active?.device.ipv4_wan_address },
    });

    const files = ["new", "failed", "active", "gone"].map((event) => `${event}-${stranger.mac}.json`);
    await lab.gateway.waitFor("the program was told all", async () => {
      const there = new Set(await readdir(directory));
      return files.every((file) => there.has(file));
    });
    const first = JSON.parse(await readFile(join(directory, `active-${stranger.mac}.json`), "utf8")) as Told;
    expect(first).toMatchObject({ event: "active", device: { mac_address: stranger.mac } });
    // The name came as data, whatever it looks like.
    expect(first.device.hostname).toBe(active?.device.hostname);
    expect(new Set((await readFile(join(directory, "counts"), "utf8")).trim().split("\n"))).toEqual(
      new Set(["2"]),
    );
    const environment = await readFile(join(directory, "environment"), "utf8");
    expect(environment).not.toMatch(/^(HOME|NODE_OPTIONS|TMPDIR)=/m);
    expect(await readdir(directory)).not.toContain("hooked");
    await tellsNoSecret(lab, lanHost, ["a secret of the lab", "lab-nac"]);
  },
  { guardDrops: "allowed" },
);

scenario("what waits is told after a restart", network, async (lab) => {
  const [nac] = lab.wan.clients as [WanHost];
  const config = { ...quick, hooks: { url: `http://${nac.ip}:8000/register` } };
  await startGateway(lab, config);
  await addDhcpDevice(lab, 1);
  await waitForStatus(lab, deviceMac(1), "active");
  await lab.gateway.waitForOutput(/Hook webhook: .* is tried again/);
  await lab.gateway.stop();
  const queue = (): Promise<string> =>
    readFile(join(lab.gateway.directory, "state", "hook-queue.json"), "utf8");
  expect(await queue()).toContain(deviceMac(1));
  const told: Told[] = [];
  await startReceiver(lab, nac, (message) => told.push(message));
  await startGateway(lab, config);
  const cameNew = (): boolean =>
    told.some(({ event, device }) => event === "new" && device.mac_address === deviceMac(1));
  await lab.gateway.waitFor("the receiver hears that the device came", cameNew, { timeoutMs: 30_000 });
  const isEmpty = async (): Promise<boolean> => !(await queue()).includes(deviceMac(1));
  await lab.gateway.waitFor("nothing waits any more", isEmpty, { timeoutMs: 30_000 });
});

scenario(
  "a program that hangs is killed with all it started, and no device waits for it",
  network,
  async (lab) => {
    const program = join(lab.directory, "hang");
    await writeFile(program, "#!/bin/sh\nsleep 98765 &\nsleep 98765\n", { mode: 0o755 });
    await startGateway(lab, {
      ...quick,
      api: { enabled: true },
      hooks: { exec: program, timeout: 1, retries: 1 },
    });
    const device = await addDhcpDevice(lab, 1);
    await waitForStatus(lab, deviceMac(1), "active");
    await lab.gateway.waitForOutput(/"new" of .* is given up: it did not end within 1 s and was killed/);
    const { body: health = "" } = await ask(device.namespace, { path: "/health" });
    expect(health).toContain("The executable of [hooks] does not take events");
    await lab.gateway.waitForOutput(/"active" of .* is given up/);
    const { body = "" } = await ask(device.namespace, { path: "/metrics" });
    expect(body).toMatch(/^gateway_hook_deliveries_total\{sink="executable",outcome="failed"\} 2$/m);
    const { stdout } = await lab.gateway.namespace.run(["pgrep", "-fc", "sleep 98765"], { mayFail: true });
    expect(stdout.trim()).toBe("0");
  },
);
