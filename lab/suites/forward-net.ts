/** A LAN host, the gateway's host and a host beyond the WAN, for measuring what is forwarded; for the bench. */

import { removal } from "../../src/app/uplink/netdev-table.ts";
import { networkOf } from "../../src/base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../../src/base/ip4.ts";
import type { Mac } from "../../src/base/mac.ts";
import { type DevicePlan, type GatewayPlan, planDesired, type Surroundings } from "../../src/plan/desired.ts";
import { planForwards } from "../../src/plan/forwards.ts";
import { askedIn, renderHeard } from "../../src/plan/heard.ts";
import { autoPorts } from "../../src/plan/proxy.ts";
import { renderIp } from "../../src/plan/render.ts";
import type { Rule } from "../../src/plan/resource.ts";
import { renderBegin, renderShortWays, shortWaysOf, shortWayTable } from "../../src/plan/short-ways.ts";
import { connect, Namespace } from "../netns.ts";
import { sleep } from "../wait.ts";
import { burstMacs } from "./burst.ts";
import { installPlan } from "./install-plan.ts";
import { listening } from "./proxy-speed.ts";

const lanIp = "10.20.0.1" as Ip4;
export const lan = networkOf(lanIp, 20);
export const lanPort = "eth1";
const wanPort = "eth0";
const routerIp = "198.18.0.1" as Ip4;
const firstWanIp = "198.18.1.0" as Ip4;
/** Where all packets go: beyond the router. */
export const farHost = "203.0.113.1";
/** Where it takes TCP streams. */
export const streamPort = 5201;
/** Of the gateway's host where it has no identities. */
const plainWanIp = "198.18.0.9";
const macs = {
  lan: "00:00:5e:00:53:01",
  gatewayLan: "00:00:5e:00:53:f1",
  gatewayWan: "00:00:5e:00:53:f0",
  router: "00:00:5e:00:53:fe",
} as const;
/** Longer than new identities detect duplicates and report their groups. */
const settleMs = 5_000;

/** One device as both sides see it. */
export interface Talker {
  readonly lanIp: Ip4;
  readonly wanIp: string;
}

export interface Forwarded extends Talker {
  readonly mac: Mac;
}

const after = (ip: Ip4, n: number): Ip4 => ip4FromNumber(ip4ToNumber(ip) + n);

/** Spread over the whole LAN, as a DHCP server that goes by a hash of the MAC spreads them; in order of LAN address. */
export function forwardedDevices(count: number): readonly Forwarded[] {
  const [first, room] = [10, 2 ** (32 - lan.length) - 20];
  return burstMacs(count).map((mac, n) => ({
    mac: mac as Mac,
    lanIp: after(lan.address, first + Math.floor((n * room) / count)),
    wanIp: after(firstWanIp, n),
  }));
}

export class ForwardNet {
  private constructor(
    readonly lan: Namespace,
    readonly gateway: Namespace,
    readonly far: Namespace,
  ) {}

  /** Several at a time differ in `name`. The talkers' addresses are on the LAN host. */
  static async create(name: string, talkers: readonly Talker[]): Promise<ForwardNet> {
    const [inside, gateway, far] = await Promise.all(
      ["lan", "gw", "far"].map((n) => Namespace.create(`${n}-${name}`)),
    );
    if (!inside || !gateway || !far) throw new Error("no namespaces");
    await connect(
      { namespace: inside, ifname: "eth0", mac: macs.lan },
      { namespace: gateway, ifname: lanPort, mac: macs.gatewayLan },
    );
    await connect(
      { namespace: gateway, ifname: wanPort, mac: macs.gatewayWan },
      { namespace: far, ifname: "wan", mac: macs.router },
    );
    const net = new ForwardNet(inside, gateway, far);
    await net.#likeRealPorts();
    await inside.ip([
      ...talkers.map(({ lanIp: ip }) => `addr add ${ip}/${lan.length} dev eth0`),
      `route add default via ${lanIp}`,
    ]);
    await far.ip([`addr add ${routerIp}/16 dev wan`, `addr add ${farHost}/32 dev lo`]);
    far.start(["iperf3", "-4", "-s", "-p", String(streamPort)]);
    await listening(far, [streamPort]);
    return net;
  }

  /** Large segments and unfinished checksums. */
  async #likeRealPorts(): Promise<void> {
    const ends: [Namespace, string][] = [
      [this.lan, "eth0"],
      [this.gateway, lanPort],
      [this.gateway, wanPort],
      [this.far, "wan"],
    ];
    for (const [namespace, port] of ends)
      await namespace.run(["ethtool", "-K", port, "tx", "on", "tso", "on", "gso", "on"]);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.lan, this.gateway, this.far].map((namespace) => namespace.remove()));
  }
}

/** What every small router does: one address, one route, one rule. */
export async function masqueradePlainly({ gateway }: ForwardNet): Promise<string> {
  await gateway.ip([
    `addr add ${lanIp}/${lan.length} dev ${lanPort}`,
    `addr add ${plainWanIp}/16 dev ${wanPort}`,
    `route add default via ${routerIp}`,
  ]);
  await gateway.sysctl({ "net.ipv4.ip_forward": 1 });
  await gateway.nft(`table ip plain {
  chain out { type nat hook postrouting priority srcnat; oifname ${wanPort} masquerade; }
}`);
  return plainWanIp;
}

const ports = autoPorts([
  { port: 80, target: 80 },
  { port: 8080, target: 80 },
  { port: 23, target: 23 },
  { port: 2323, target: 23 },
]);

const gatewayPlan: GatewayPlan = {
  lanPort,
  wanPort,
  ownMac: "silent",
  shortWays: true,
  lan: { ip: lanIp, length: lan.length },
  forwards: { ports, proxy: "haproxy", lanAddress: lanIp, lanNet: `${lan.address}/${lan.length}` },
};

const planOf = ({ mac, lanIp: ip, wanIp }: Forwarded): DevicePlan => ({
  mac,
  lanIp: ip,
  ipv4: {
    address: wanIp as Ip4,
    prefixLength: 16,
    routes: [{ destination: { address: "0.0.0.0" as Ip4, length: 0 }, router: routerIp }],
  },
});

/** What of it the bench exchanges. */
export interface Installed {
  readonly rules: readonly Rule[];
  /** Puts the short way in place of what there is of it. */
  readonly shortWays: readonly string[];
}

/** Everything that the gateway would have in the kernel, but for the short way. */
export async function installIdentities(
  { gateway }: ForwardNet,
  devices: readonly Forwarded[],
): Promise<Installed> {
  const inbound = planForwards(
    devices.map(({ mac, lanIp: ip, wanIp }) => ({
      ...{ mac, lanIp: ip, auto: true, exceptions: [] },
      ...{ addresses4: [wanIp as Ip4], addresses6: [] },
    })),
    [],
  );
  const around: Surroundings = {
    wanMtu: 1500,
    neighbours: new Map([[routerIp, macs.router as Mac]]),
    lanAddressPresent: false,
    addresses6: new Map(),
    inbound,
  };
  const desired = planDesired(gatewayPlan, devices.map(planOf), around);
  await installPlan(gateway, gatewayPlan, desired);
  await gateway.nft(renderHeard(wanPort, askedIn(desired)));
  await sleep(settleMs);
  const ways = shortWaysOf(desired, lan);
  if (ways.length !== devices.length) throw new Error(`${ways.length} devices have a short way`);
  return {
    rules: [...desired.values()].filter((r): r is Rule => r.kind === "rule"),
    shortWays: [
      removal(shortWayTable) + renderShortWays({ lanPort, wanPort, lan, translator: false }),
      ...portions(ways).map(renderBegin),
    ],
  };
}

/** As the gateway does it. */
const portions = <T>(all: readonly T[], size = 256): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

export async function takeShortWays({ gateway }: ForwardNet, scripts: readonly string[]): Promise<void> {
  for (const script of scripts) await gateway.nft(script);
}

export const leaveShortWays = ({ gateway }: ForwardNet): Promise<void> => gateway.nft(removal(shortWayTable));

/** Exchanges rules by the same text that the gateway uses. */
export async function changeRules(
  { gateway }: ForwardNet,
  from: readonly Rule[],
  to: readonly Rule[],
): Promise<void> {
  const ascending = [...from].sort((a, b) => a.preference - b.preference);
  await gateway.ip(ascending.flatMap((resource) => renderIp({ kind: "delete", resource })));
  await gateway.ip(to.flatMap((resource) => renderIp({ kind: "put", resource })));
}

/** Where the frames of a LAN host go. */
export const nextHopMac = macs.gatewayLan;
export const lanHostMac = macs.lan;
