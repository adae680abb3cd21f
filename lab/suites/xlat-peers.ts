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

/**
 * `bare` is the router itself under its own MAC; `shared` the same, whose received packets all processors go on with, as the gateway has it where it may; `own` is what one writes to
 * appear as the device: a macvlan with its MAC.
 */
export type XlatPeer = "ours" | "own" | "bare" | "shared";

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

/** A translator written by hand, in a router beside the gateway. */
interface ByHand {
  readonly name: string;
  readonly lanMac: string;
  readonly lanIp: string;
  readonly mac: string;
  /** What it makes of the device. */
  readonly ip6: string;
  /** The far host's IPv4 that is reached by it. */
  readonly to: string;
  /** Its MAC is that of a macvlan, and the port is silent. */
  readonly asDevice: boolean;
}

const byHand: Readonly<Record<"bare" | "own", ByHand>> = {
  bare: {
    name: "bare",
    lanMac: deviceMac(10),
    lanIp: "192.168.1.2",
    mac: deviceMac(9),
    ip6: "2001:db8:a::beef",
    to: "203.0.113.2",
    asDevice: false,
  },
  own: {
    name: "own",
    lanMac: deviceMac(12),
    lanIp: "192.168.1.3",
    mac: deviceMac(11),
    ip6: "2001:db8:a::bee",
    to: "203.0.113.3",
    asDevice: true,
  },
};

const wayTo = (to: string, nextHopMac: string): XlatWay => {
  const [address = "", length] = nat64Prefix.split("/");
  const prefix = { address, length: Number(length) } as Cidr6;
  return { to, nextHopMac, to6: embedIp4(prefix, to as Ip4) };
};

/** The gateway runs and translates, the peer too, and the far host takes TCP streams. */
export async function createXlatNet(): Promise<XlatNet> {
  const bare = wayTo(byHand.bare.to, byHand.bare.lanMac);
  const own = wayTo(byHand.own.to, byHand.own.lanMac);
  const ways = { ours: wayTo("203.0.113.1", standardMacs.gatewayLan), own, bare, shared: bare };
  const apart = [ways.ours, own, bare];
  const macs = registered(1, 9, 11);
  const wan = { ipv4: false, ipv6: { pref64: nat64Prefix }, registered: macs, clients: 0 };
  const lab = await createLab({ wan: { ...wan, sourceGuard: false } });
  const { router: far } = lab.wan;
  await far.ip(apart.map(({ to6 }) => `addr add ${to6}/128 dev lo`));
  far.start(["iperf3", "-6", "-s", "-p", String(streamPort)]);
  await listening(far, [streamPort]);
  await startGateway(lab, { ...quick6, log: { level: "info" } });
  const device = await addDhcpDevice(lab, 1);
  const deviceIp = await device.waitForIp();
  await waitForTranslation(lab, device.mac);
  const routers = [
    await createByHand(lab, deviceIp, byHand.bare),
    await createByHand(lab, deviceIp, byHand.own),
  ];
  await device.namespace.ip(Object.values(byHand).map(({ to, lanIp }) => `route add ${to} via ${lanIp}`));
  await likeRealPorts(lab, device, routers);
  for (const { to } of apart) await lab.gateway.waitFor(`the device reaches ${to}`, () => device.ping(to));
  await lab.wan.firewall.standAside();
  const share = async (isShared: boolean): Promise<void> => {
    const argv = ["tee", "/sys/class/net/clat/queues/rx-0/rps_cpus"];
    await routers[0]?.run(argv, { input: isShared ? cpuMask(cpus().length) : "0" });
  };
  return { lab, device, deviceIp, far, ways, share };
}

/** As one writes it by hand for one device, in the place of the gateway: nothing but the translation. */
async function createByHand(lab: Lab, deviceIp: string, hand: ByHand): Promise<Namespace> {
  const { name, lanMac, lanIp, mac, ip6, asDevice } = hand;
  const it = await createQuickNamespace(name, { forwarding: true });
  lab.others.push(it);
  await connect(
    { namespace: it, ifname: "eth1", mac: lanMac },
    { namespace: lab.lan, ifname: `p-${name}`, bridge: "br0" },
  );
  const { firewall, router, routers } = lab.wan;
  await connect(
    { namespace: it, ifname: "eth0", ...(asDevice ? {} : { mac, ipv6: true }) },
    { namespace: firewall.namespace, ifname: `p-${name}`, bridge: "br0" },
  );
  await it.sysctl({ "net.ipv4.ip_forward": 1 });
  const port = asDevice ? "as-device" : "eth0";
  await it.ip([
    ...(asDevice
      ? [`link add link eth0 name ${port} address ${mac} type macvlan mode bridge`, `link set ${port} up`]
      : []),
    `addr add ${lanIp}/24 dev eth1`,
    "tuntap add dev clat mode tun",
    "link set clat up",
    "route add default dev clat",
    `route add ${ip6}/128 dev clat`,
    `route add default via ${routers[0].linkLocal} dev ${port}`,
  ]);
  await router.ip([`neigh replace ${ip6} lladdr ${mac} dev wan nud permanent`]);
  const file = join(lab.directory, `${name}.conf`);
  const lines = [
    "tun-device clat",
    "ipv4-addr 192.0.0.2",
    "ipv6-addr fd00:64::2",
    `prefix ${nat64Prefix}`,
    `map ${deviceIp} ${ip6}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  it.start(["tayga", "-d", `--config=${file}`]);
  return it;
}

/** Large segments and unfinished checksums, in the switches too, which in life are hardware. */
async function likeRealPorts(lab: Lab, device: Device, routers: readonly Namespace[]): Promise<void> {
  const cables = routers.map(({ name }) => `p-${name}`);
  const ends: [Namespace, string][] = [
    [device.namespace, "eth0"],
    [lab.gateway.namespace, "eth1"],
    [lab.gateway.namespace, "eth0"],
    ...routers.flatMap((router): [Namespace, string][] => [
      [router, "eth1"],
      [router, "eth0"],
    ]),
    [lab.wan.router, "wan"],
    ...["gateway", ...cables, `p-${device.name}`].map((port): [Namespace, string] => [lab.lan, port]),
    ...["gateway", ...cables, "router"].map((port): [Namespace, string] => [
      lab.wan.firewall.namespace,
      port,
    ]),
  ];
  for (const [namespace, port] of ends)
    await namespace.run(["ethtool", "-K", port, "tx", "on", "tso", "on", "gso", "on"]);
}
