/** What others on the network know of the devices; each part fails with a sentence. */
import type { Device } from "../devices.ts";
import type { GatewayDevice } from "../gateway.ts";
import { bracketed } from "../suites/reach.ts";
import { packetsOf, totalPackets } from "../switch-counters.ts";
import type { Lab } from "../topology.ts";
import { addresses6Of, type DemoNetwork } from "./networks.ts";
import { columns, good } from "./screen.ts";

/** Both families of some devices, as tables. */
export async function proveDevices(
  lab: Lab,
  network: DemoNetwork,
  rows: readonly GatewayDevice[],
): Promise<void> {
  if (network.ipv4) {
    const head = ["DEVICE", "MAC", "ROUTER'S ARP", "WEB SERVER SAW", "PING", "UDP"];
    process.stdout.write(columns([head, ...(await Promise.all(rows.map((row) => proveIpv4(lab, row))))]));
  }
  if (network.ipv4 && network.ipv6) process.stdout.write("\n");
  if (network.ipv6) {
    const head = ["DEVICE", "IPv6 ADDRESS", "ROUTER'S NEIGHBOURS", "SERVER SAW"];
    const proved = await Promise.all(rows.map((row) => proveIpv6(lab, row)));
    process.stdout.write(columns([head, ...proved.flat()]));
  }
}

const deviceOf = (lab: Lab, { mac_address }: GatewayDevice): Device =>
  [...lab.devices.values()].find((d) => d.mac === mac_address) as Device;

/** The device's own packets arrive under its address and MAC. */
async function proveIpv4(lab: Lab, told: GatewayDevice): Promise<readonly string[]> {
  const device = deviceOf(lab, told);
  const { ipv4_wan_address: wan, mac_address: mac } = told;
  const { internet } = lab.wan;
  const path = `/hello-from-${device.name}`;
  const [, ping, udp] = await Promise.all([
    device.fetch(`http://${internet.ip}${path}`),
    device.ping(internet.ip, 3),
    device.udp(internet.ip, 7, `datagram of ${device.name}`, 3),
  ]);
  const arp = (await lab.wan.routerArp()).find((entry) => entry.mac === mac)?.ip ?? "nothing";
  const web = seen(lab, path);
  const row = [device.name, mac, arp, web, ping ? "3 of 3" : "lost", `${udp.length} of 3`];
  if (arp !== wan || web !== wan || !ping || udp.length !== 3)
    throw new Error(`${device.name} should be seen as ${wan}, but: ${row.join(", ")}`);
  return row;
}

/** Each of its IPv6 addresses: packets from there arrive as they are, and the router finds the device's MAC behind it. */
async function proveIpv6(lab: Lab, told: GatewayDevice): Promise<readonly (readonly string[])[]> {
  const { name } = deviceOf(lab, told);
  const rows = await Promise.all(
    addresses6Of(told).map(async (address) => {
      const path = `/hello-from-${address}`;
      const url = `http://[${lab.wan.internet.ip6}]${path}`;
      const argv = ["curl", "-gsS", "--fail", "--max-time", "5", "--interface", address, url];
      await lab.gateway.namespace.run(argv);
      const entry = (await lab.wan.routerNeighbours6()).find(({ ip }) => ip === address);
      return { address, mac: entry?.mac ?? "nothing", web: seen(lab, path) };
    }),
  );
  const wrong = rows.find(({ address, mac, web }) => mac !== told.mac_address || web !== address);
  if (wrong) throw new Error(`${name} should be ${wrong.address}, but: ${wrong.mac}, ${wrong.web}`);
  return rows.map(({ address, mac }, i) => [i === 0 ? name : "", address, mac, "the same"]);
}

/** Whom the web server beyond the router took for the sender. */
const seen = (lab: Lab, path: string): string =>
  lab.wan.internet.services.requests().findLast((r) => r.path === path)?.from ?? "nothing";

/** The switch dropped nothing of these MACs, and has never seen the gateway's own. */
export async function proveNoDrops(lab: Lab, macs: readonly string[]): Promise<void> {
  const counters = await lab.wan.firewall.counters();
  const { unregistered, guardedSources, seen: all } = counters;
  const byMac = macs.reduce((sum, mac) => sum + packetsOf(unregistered, mac), 0);
  const guarded = guardedSources.filter(({ mac }) => macs.includes(mac));
  const count = (ipv6: boolean): number =>
    guarded.reduce((sum, { ip, packets }) => sum + (ip.includes(":") === ipv6 ? packets : 0), 0);
  if (byMac + count(false) + count(true) > 0)
    throw new Error(`the switch dropped frames of registered devices: ${JSON.stringify({ byMac, guarded })}`);
  const passed = totalPackets(all) - totalPackets(unregistered) - totalPackets(counters.guarded);
  good(`the switch passed ${passed} frames, and dropped of these ${macs.length}: ${byMac} by MAC,`);
  good(`${count(false)} by source guard in IPv4, ${count(true)} in IPv6`);
  const own = packetsOf(counters.ever, lab.gateway.wanMac);
  if (own > 0) throw new Error(`the switch saw ${own} frames of the gateway's own MAC`);
  good(`the switch saw ${own} frames of the gateway's own MAC, ${lab.gateway.wanMac}`);
}

/** The gateway itself resolves a name and fetches a page, under the name of one of its devices. */
export async function proveGateway(
  lab: Lab,
  { ipv6 }: DemoNetwork,
  rows: readonly GatewayDevice[],
): Promise<void> {
  const { namespace, lanAddress } = lab.gateway;
  const server = lanAddress.split("/")[0] ?? "";
  const argv = ["busybox", "nslookup", `-type=${ipv6 ? "aaaa" : "a"}`, "www.lab.example", server];
  const { stdout } = await namespace.run(argv, { mayFail: true });
  const [, answer = ""] = stdout.split("www.lab.example");
  const ip = /Address:\s*(\S+)/.exec(answer)?.[1];
  if (ip === undefined) throw new Error(`the gateway cannot resolve www.lab.example: ${stdout}`);
  const page = await namespace.run([
    ...["curl", "-gsS", "--fail", "--max-time", "5"],
    `http://${bracketed(ip)}/hello-from-the-gateway`,
  ]);
  const { client } = JSON.parse(page.stdout) as { readonly client: string };
  const lender = rows.find((r) => r.ipv4_wan_address === client || addresses6Of(r).includes(client));
  if (lender === undefined)
    throw new Error(`the gateway was seen as ${client}, which is no device's address`);
  good(`it resolves www.lab.example to ${ip}`);
  good(`it fetches a page there, seen as ${client}`);
  good(`that is ${deviceOf(lab, lender).name}'s: the gateway borrows a device's name`);
}
