/** The main job, shown on a real kernel with real servers, and proved from the network's side. */
import { symlink } from "node:fs/promises";
import { deviceMac } from "../description.ts";
import type { GatewayDevice } from "../gateway.ts";
import { packetsOf } from "../switch-counters.ts";
import { createLab, type Lab } from "../topology.ts";
import { type DemoNetwork, isNotRefused, lacks, registered, stranger } from "./networks.ts";
import { proveDevices, proveGateway, proveNoDrops } from "./proof.ts";
import { proveReach } from "./reach.ts";
import { chapters, good, say } from "./screen.ts";
import { addIpv4OnlyHost, proveOpen, proveTranslated } from "./translated.ts";
import { showStatus, watchTable } from "./watch.ts";

export interface DemoOptions {
  readonly network: DemoNetwork;
  /** End after the proof instead of staying. */
  readonly once: boolean;
}

/** A short patience, so that the unregistered device's failure can be watched. */
const patience = { timeout: 4, retries: 2, retry_delay: 1, failed_retry: 5 };
const configuration = { pacing: { profile: "switch-safe" }, dhcpv4: patience, dhcpv6: patience };

/** Errors: the first part of the proof that fails. */
export async function demo(options: DemoOptions, untilInterrupted: Promise<void>): Promise<void> {
  const { network, once } = options;
  const step = chapters(network.nat64 ? 9 : 7);
  step("A network that admits only registered MAC addresses");
  const lab = await createLab({ wan: network.wan });
  try {
    describeNetwork(lab, network);
    await lab.gateway.configure({ ...configuration, log: { level: "info", file: lab.gateway.logFile } });
    await symlink(lab.gateway.configFile, "/run/lab/gateway.toml");
    await symlink(lab.gateway.logFile, "/run/lab/gateway.log");
    step("The gateway starts; four IPv4-only devices are plugged in behind it");
    const rows = await bringUp(lab, network);
    const known = rows.filter((r) => registered.includes(r.mac_address));
    step("Seen from the network: each under its own MAC and addresses");
    await proveDevices(lab, network, known);
    if (!network.ipv4 && !network.nat64) sayWhatIsMissing();
    if (network.nat64) {
      step("From the devices: to a host that has only IPv4");
      await proveTranslated(lab, known, await addIpv4OnlyHost(lab));
    }
    await proveNoDrops(lab, registered);
    step("Reached from the network: web (8080) and telnet (2323) of two devices");
    await proveReach(lab, known);
    if (network.nat64) {
      step("Reached from the network: one device as a whole, ping and UDP too");
      await proveOpen(lab, known);
    }
    step("The gateway itself, as its operator and as the network see it");
    await showStatus(lab, network.offers);
    await proveGateway(lab, network, known);
    await proveStranger(lab, network, step);
    say("\nAll of it is proved. The kernel, the servers and the traffic were real.");
    if (once) return;
    printCommands(network);
    await untilInterrupted;
    say("\nTaking the laboratory down.");
  } finally {
    await lab.dispose();
  }
}

function describeNetwork(lab: Lab, network: DemoNetwork): void {
  for (const line of network.servers) say(`  ${line}`);
  const { routerIp, routerIp6 } = lab.wan;
  say(`  Router: ${[routerIp, routerIp6].filter(Boolean).join(", ")}; beyond it a web server`);
  say("  Its access switch drops every frame whose source MAC is not registered, and");
  say("  every frame whose source address is not that MAC's own (source guard).");
  say(`  Registered: ${registered.join(", ")}`);
}

async function bringUp(lab: Lab, network: DemoNetwork): Promise<readonly GatewayDevice[]> {
  lab.gateway.start();
  await lab.gateway.waitForOutput(/Gateway runs/);
  const services = { web: [80], banner: [23], udpEcho: [7] };
  const address = { ip: "192.168.1.20/24", router: "192.168.1.1" };
  const [, , plc] = await Promise.all([
    lab.addDevice({ name: "camera", mac: deviceMac(1), address: "dhcp", services }),
    lab.addDevice({ name: "printer", mac: deviceMac(2), address: "dhcp", services }),
    lab.addDevice({ name: "plc", mac: deviceMac(3), address }),
    lab.addDevice({ name: "stranger", mac: stranger, address: "dhcp" }),
  ]);
  // A host with a static address gives itself away with its first packet to anywhere.
  await plc.ping("192.168.1.1");
  const rows = await watchTable(lab, (all) => [
    ...registered.flatMap((mac) => lacks(network, mac, rowOf(all, mac))),
    ...isNotRefused(stranger, rowOf(all, stranger)),
  ]);
  good("three have all that the network gives; the fourth is not answered");
  return rows;
}

const rowOf = (rows: readonly GatewayDevice[], mac: string): GatewayDevice | undefined =>
  rows.find((row) => row.mac_address === mac);

function sayWhatIsMissing(): void {
  say("  These addresses are held for the devices, and packets come and go from them.");
  say("  The devices' own packets are IPv4: to cross this network they need a NAT64,");
  say("  which it does not have; --network ipv6-only is one that has.");
}

async function proveStranger(
  lab: Lab,
  network: DemoNetwork,
  step: ReturnType<typeof chapters>,
): Promise<void> {
  step("The fourth: not answered, because the switch drops what it sends");
  const row = (await lab.gateway.devices()).find((d) => d.mac_address === stranger);
  const drops = packetsOf((await lab.wan.firewall.counters()).unregistered, stranger);
  say(`  the gateway says: ${row?.reason}`);
  if (drops === 0) throw new Error("the switch counted no dropped frame of the fourth device");
  good(`the switch counted ${drops} dropped frames from ${stranger}`);
  step("The fourth is registered at the firewall; nobody touches the gateway");
  await lab.wan.firewall.register(stranger);
  const rows = await watchTable(lab, (all) =>
    [...registered, stranger].flatMap((mac) => lacks(network, mac, rowOf(all, mac))),
  );
  await proveDevices(
    lab,
    network,
    rows.filter((r) => r.mac_address === stranger),
  );
  good("it came up by itself");
}

function printCommands({ ipv4, nat64 }: DemoNetwork): void {
  const family = ipv4 ? "" : "-6 ";
  say(`
It stays up until Ctrl-C. Try in another terminal:
  scripts/demo try gateway devices           the table again
  scripts/demo try gateway status            the gateway itself
  scripts/demo try in gw ip -br address      the identities in the kernel
  scripts/demo try in gw ip ${family}rule${ipv4 ? "             the rule tree" : "          the ways by source"}
  scripts/demo try in router ip neigh        who the network thinks is there
  scripts/demo try in gw tail -f /run/lab/gateway.log`);
  if (ipv4) say("  scripts/demo try in dev-camera ping -c 3 203.0.113.1");
  if (nat64) say("  scripts/demo try in dev-camera busybox traceroute -n 192.0.2.1");
}
