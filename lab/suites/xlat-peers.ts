/** Two translators side by side between the same device and the same far host: the gateway's, and a bare tayga written by hand; for the bench. */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Cidr6 } from "../../src/base/cidr6.ts";
import type { Ip4 } from "../../src/base/ip4.ts";
import { embedIp4 } from "../../src/base/nat64.ts";
import { cpuMask } from "../../src/io/kernel/receive-queue.ts";
import { deviceMac, standardMacs } from "../description.ts";
import type { Device } from "../devices.ts";
import { connect, type Namespace } from "../netns.ts";
import { createLab, type Lab } from "../topology.ts";
import { createQuickNamespace } from "../wan-host.ts";
import { addDhcpDevice, registered, startGateway } from "./network.ts";
import { quick6 } from "./network6.ts";
import { listening } from "./proxy-speed.ts";
import { nat64Prefix, waitForTranslation } from "./xlat.ts";

/** `shared` is `bare`, whose received packets all processors go on with, as the gateway has it where it may. */
export type XlatPeer = "ours" | "bare" | "shared";

/** From the device to the far host by one of the two. */
export interface XlatWay {
  /** Where the device's frames go. */
  readonly nextHopMac: string;
  /** The far host's IPv4, which is inside its IPv6. */
  readonly to: string;
  readonly to6: string;
}

export interface XlatNet {
  readonly lab: Lab;
  readonly device: Device;
  readonly deviceIp: string;
  /** The router's own namespace: no NAT64 stands between, the far host has the translated addresses itself. */
  readonly far: Namespace;
  readonly ways: Readonly<Record<XlatPeer, XlatWay>>;
  /** Whether the peer written by hand shares what it received; before it is measured. */
  share(isShared: boolean): Promise<void>;
}

export const streamPort = 5201;
const bareMac = deviceMac(9);
const bareLanMac = deviceMac(10);
const bareLanIp = "192.168.1.2";
/** What the hand-written tayga makes of the device. */
const bareIp6 = "2001:db8:a::beef";

const wayTo = (to: string, nextHopMac: string): XlatWay => {
  const [address = "", length] = nat64Prefix.split("/");
  const prefix = { address, length: Number(length) } as Cidr6;
  return { to, nextHopMac, to6: embedIp4(prefix, to as Ip4) };
};

/** The gateway runs and translates, the peer too, and the far host takes TCP streams. */
export async function createXlatNet(): Promise<XlatNet> {
  const byHand = wayTo("203.0.113.2", bareLanMac);
  const ways = { ours: wayTo("203.0.113.1", standardMacs.gatewayLan), bare: byHand, shared: byHand };
  const apart = [ways.ours, byHand];
  const wan = { ipv4: false, ipv6: { pref64: nat64Prefix }, registered: registered(1, 9), clients: 0 };
  const lab = await createLab({ wan: { ...wan, sourceGuard: false } });
  const { router: far } = lab.wan;
  await far.ip(apart.map(({ to6 }) => `addr add ${to6}/128 dev lo`));
  far.start(["iperf3", "-6", "-s", "-p", String(streamPort)]);
  await listening(far, [streamPort]);
  await startGateway(lab, { ...quick6, log: { level: "info" } });
  const device = await addDhcpDevice(lab, 1);
  const deviceIp = await device.waitForIp();
  await waitForTranslation(lab, device.mac);
  const bare = await createBare(lab, deviceIp);
  await device.namespace.ip([`route add ${ways.bare.to} via ${bareLanIp}`]);
  await likeRealPorts(lab, device, bare);
  for (const { to } of apart) await lab.gateway.waitFor(`the device reaches ${to}`, () => device.ping(to));
  await lab.wan.firewall.standAside();
  const share = async (isShared: boolean): Promise<void> => {
    const argv = ["tee", "/sys/class/net/clat/queues/rx-0/rps_cpus"];
    await bare.run(argv, { input: isShared ? cpuMask(cpus().length) : "0" });
  };
  return { lab, device, deviceIp, far, ways, share };
}

/** As one writes it by hand for one device, in the place of the gateway: nothing but the translation. */
async function createBare(lab: Lab, deviceIp: string): Promise<Namespace> {
  const bare = await createQuickNamespace("bare", { forwarding: true });
  lab.others.push(bare);
  await connect(
    { namespace: bare, ifname: "eth1", mac: bareLanMac },
    { namespace: lab.lan, ifname: "p-bare", bridge: "br0" },
  );
  const { firewall, router, routers } = lab.wan;
  await connect(
    { namespace: bare, ifname: "eth0", mac: bareMac, ipv6: true },
    { namespace: firewall.namespace, ifname: "p-bare", bridge: "br0" },
  );
  await bare.sysctl({ "net.ipv4.ip_forward": 1 });
  await bare.ip([
    `addr add ${bareLanIp}/24 dev eth1`,
    "tuntap add dev clat mode tun",
    "link set clat up",
    "route add default dev clat",
    `route add ${bareIp6}/128 dev clat`,
    `route add default via ${routers[0].linkLocal} dev eth0`,
  ]);
  await router.ip([`neigh replace ${bareIp6} lladdr ${bareMac} dev wan nud permanent`]);
  const file = join(lab.directory, "bare.conf");
  const lines = [
    "tun-device clat",
    "ipv4-addr 192.0.0.2",
    "ipv6-addr fd00:64::2",
    `prefix ${nat64Prefix}`,
    `map ${deviceIp} ${bareIp6}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  bare.start(["tayga", "-d", `--config=${file}`]);
  return bare;
}

/** Large segments and unfinished checksums, in the switches too, which in life are hardware. */
async function likeRealPorts(lab: Lab, device: Device, bare: Namespace): Promise<void> {
  const ends: [Namespace, string][] = [
    [device.namespace, "eth0"],
    [lab.gateway.namespace, "eth1"],
    [lab.gateway.namespace, "eth0"],
    [bare, "eth1"],
    [bare, "eth0"],
    [lab.wan.router, "wan"],
    ...["gateway", "p-bare", `p-${device.name}`].map((port): [Namespace, string] => [lab.lan, port]),
    ...["gateway", "p-bare", "router"].map((port): [Namespace, string] => [lab.wan.firewall.namespace, port]),
  ];
  for (const [namespace, port] of ends)
    await namespace.run(["ethtool", "-K", port, "tx", "on", "tso", "on", "gso", "on"]);
}
