/** The main job, shown on a real kernel with real servers, and proved from the network's side. */
import { symlink } from "node:fs/promises";
import { deviceMac, type LabDescription } from "../description.ts";
import type { Device } from "../devices.ts";
import type { GatewayDevice } from "../gateway.ts";
import { packetsOf, totalPackets } from "../switch-counters.ts";
import { createLab, type Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import { columns, good, Live, say, step } from "./screen.ts";

export interface DemoOptions {
  /** End after the proof instead of staying. */
  readonly once: boolean;
}

const steps = 5;
const registered = [1, 2, 3].map(deviceMac);
const stranger = deviceMac(4);

const description: LabDescription = { wan: { dhcp: "dnsmasq", registered, sourceGuard: true, clients: 1 } };

/** A short patience, so that the unregistered device's failure can be watched. */
const configuration = {
  pacing: { profile: "switch-safe" },
  dhcpv4: { timeout: 4, retries: 2, retry_delay: 1, failed_retry: 5 },
  dhcpv6: { timeout: 4, retries: 2, retry_delay: 1, failed_retry: 5 },
  log: { level: "info" },
};

/** Errors: the first part of the proof that fails. */
export async function demo({ once }: DemoOptions, untilInterrupted: Promise<void>): Promise<void> {
  step(1, steps, "A network that admits only registered MAC addresses");
  const lab = await createLab(description);
  try {
    describeNetwork(lab);
    await lab.gateway.configure({ ...configuration, log: { level: "info", file: lab.gateway.logFile } });
    await symlink(lab.gateway.configFile, "/run/lab/gateway.toml");
    await symlink(lab.gateway.logFile, "/run/lab/gateway.log");
    await bringUp(lab);
    await proveFromOutside(lab);
    await proveStrangers(lab);
    say("\nAll of it is proved. The kernel, the servers and the traffic were real.");
    if (once) return;
    printCommands();
    await untilInterrupted;
    say("\nTaking the laboratory down.");
  } finally {
    await lab.dispose();
  }
}

function describeNetwork(lab: Lab): void {
  say(`  WAN ${lab.wan.subnet}: router ${lab.wan.routerIp} with dnsmasq, beyond it a web server`);
  say("  Its access switch drops every frame whose source MAC is not registered, and");
  say("  every frame whose source address was not leased to that MAC (source guard).");
  say(`  Registered: ${registered.join(", ")}`);
}

async function bringUp(lab: Lab): Promise<void> {
  step(2, steps, "The gateway starts; four IPv4-only devices are plugged in behind it");
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/);
  const devices = await Promise.all([
    lab.addDevice({
      name: "camera",
      mac: deviceMac(1),
      address: "dhcp",
      services: { web: [80], banner: [23] },
    }),
    lab.addDevice({
      name: "printer",
      mac: deviceMac(2),
      address: "dhcp",
      services: { web: [80], banner: [23] },
    }),
    lab.addDevice({
      name: "plc",
      mac: deviceMac(3),
      address: { ip: "192.168.1.20/24", router: "192.168.1.1" },
    }),
    lab.addDevice({ name: "stranger", mac: stranger, address: "dhcp" }),
  ]);
  // A host with a static address gives itself away with its first packet to anywhere.
  await devices[2]?.ping("192.168.1.1");
  const done = (rows: readonly GatewayDevice[]): boolean =>
    registered.every((mac) => rows.some((r) => r.mac_address === mac && r.status === "active")) &&
    rows.some((r) => r.mac_address === stranger && r.status === "failed");
  await watchTable(lab, done, 60_000);
  good("three are active; the fourth is not answered, and the table says why");
}

/** `gateway devices` as an operator sees it, until it shows what is wanted. */
async function watchTable(
  lab: Lab,
  done: (rows: readonly GatewayDevice[]) => boolean,
  timeoutMs: number,
): Promise<void> {
  const live = new Live();
  await waitFor(
    "the devices reach the state that the demonstration expects",
    async () => {
      const [{ stdout }, rows] = await Promise.all([lab.gateway.command(["devices"]), lab.gateway.devices()]);
      live.show(
        indent(stdout),
        rows.map((r) => `${r.mac_address} ${r.status} ${r.reason} ${r.ipv4_wan_address}`).join(),
      );
      return done(rows);
    },
    { timeoutMs, everyMs: 300, explain: () => lab.gateway.output.slice(-20).join("\n") },
  );
}

const indent = (text: string): string =>
  text
    .trimEnd()
    .replace(/^(?=.)/gm, "  ")
    .concat("\n");

async function proveFromOutside(lab: Lab): Promise<void> {
  step(3, steps, "Seen from the network: each under its own MAC and address");
  const rows = await Promise.all(registered.map((mac) => proveDevice(lab, mac)));
  process.stdout.write(
    columns([["DEVICE", "MAC", "ROUTER'S ARP", "WEB SERVER SAW", "PING", "UDP"], ...rows]),
  );
  const { unregistered, guarded, seen } = await lab.wan.firewall.counters();
  const dropped = registered.map((mac) => packetsOf(unregistered, mac) + packetsOf(guarded, mac));
  if (dropped.some((n) => n > 0))
    throw new Error(`the switch dropped frames of registered devices: ${dropped.join(", ")}`);
  const passed = totalPackets(seen) - totalPackets(unregistered) - totalPackets(guarded);
  good(`the switch passed ${passed} frames and dropped none of these three`);
}

async function proveDevice(lab: Lab, mac: string): Promise<readonly string[]> {
  const device = [...lab.devices.values()].find((d) => d.mac === mac) as Device;
  const { ipv4_wan_address: wan } = (await lab.gateway.devices()).find((d) => d.mac_address === mac) ?? {};
  const { internet } = lab.wan;
  const path = `/hello-from-${device.name}`;
  const [, ping, udp] = await Promise.all([
    device.fetch(`http://${internet.ip}${path}`),
    device.ping(internet.ip, 3),
    device.udp(internet.ip, 7, `datagram of ${device.name}`, 3),
  ]);
  const arp = (await lab.wan.routerArp()).find((entry) => entry.mac === mac)?.ip ?? "nothing";
  const web = internet.services.requests().find((r) => r.path === path)?.from ?? "nothing";
  const row = [device.name, mac, arp, web, ping ? "3 of 3" : "lost", `${udp.length} of 3`];
  if (arp !== wan || web !== wan || !ping || udp.length !== 3) {
    throw new Error(`${device.name} should be seen as ${wan}, but: ${row.join(", ")}`);
  }
  return row;
}

async function proveStrangers(lab: Lab): Promise<void> {
  step(4, steps, "The fourth: not answered, because the switch drops what it sends");
  const row = (await lab.gateway.devices()).find((d) => d.mac_address === stranger);
  const drops = packetsOf((await lab.wan.firewall.counters()).unregistered, stranger);
  say(`  the gateway says: ${row?.reason}`);
  if (!/is this MAC registered/.test(row?.reason ?? ""))
    throw new Error("the reason does not name the registration");
  if (drops === 0) throw new Error("the switch counted no dropped frame of the fourth device");
  good(`the switch counted ${drops} dropped frames from ${stranger}`);
  step(5, steps, "The fourth is registered at the firewall; nobody touches the gateway");
  await lab.wan.firewall.register(stranger);
  await watchTable(lab, (rows) => rows.every((r) => r.status === "active"), 60_000);
  process.stdout.write(columns([await proveDevice(lab, stranger)]));
  good("it came up by itself");
}

function printCommands(): void {
  say(`
It stays up until Ctrl-C. Try in another terminal:
  scripts/demo try gateway devices           the table again
  scripts/demo try gateway status            the gateway itself
  scripts/demo try in gw ip -br address      the identities in the kernel
  scripts/demo try in gw ip rule             the rule tree
  scripts/demo try in dev-camera ping -c 3 203.0.113.1
  scripts/demo try in router ip neigh        who the network thinks is there
  scripts/demo try in gw tail -f /run/lab/gateway.log`);
}
