/** The questions that `gateway diagnose` puts on the wire: few, paced, and none that takes anything. Part of the composition root. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../base/errors.ts";
import type { Ip4 } from "../base/ip4.ts";
import { isLinkLocal } from "../base/ip6.ts";
import type { StoredDevice } from "../config/state-device.ts";
import type { ArpFact, Facts, OfferFact, ReachFact, ResolverFact, Seen } from "../diagnose/facts.ts";
import { isUnseen } from "../diagnose/facts.ts";
import { byIdentity, defaultWays, type Way4 } from "../diagnose/views.ts";
import { systemDial } from "../io/dial.ts";
import { openPacketLinks } from "../io/packet/links.ts";
import { type ArpAnswer, askRouter, discover, overhearArp } from "../io/probe/frames.ts";
import { askDns } from "../io/probe/questions.ts";
import { systemRng } from "../io/rng.ts";
import { identityMac } from "../plan/marks.ts";
import { portState } from "../plan/port-state.ts";
import type { PacketLinks } from "../ports/packet-link.ts";
import { readText } from "./files-of.ts";

/** What was seen before, and says whom to ask. */
export type Sight = Pick<Facts, "config" | "kernel" | "daemon" | "state" | "forwards">;

const offerMs = 1_200;

export async function dhcpOffers({ config, kernel }: Sight): Promise<Seen<readonly OfferFact[]>> {
  if (isUnseen(kernel)) return kernel;
  const { interface: ifname, address } = config.lan;
  const port = kernel.ports.get(ifname);
  if (portState(port) !== "up" || !port?.mac)
    return { unseen: `${ifname} is not up: nobody can be asked there.` };
  try {
    const xid = systemRng.uint32();
    const offers = await discover(openPacketLinks(), { ifname, mac: port.mac, xid }, offerMs);
    return offers.filter(({ server }) => server !== address.ip);
  } catch (thrown) {
    return { unseen: `DHCP servers cannot be looked for: ${messageOf(thrown)}.` };
  }
}

const fewIdentities = 3;
/** Well below what a switch takes for a storm, beside what the gateway itself sends. */
const pauseMs = 200;
const answerMs = 2_100;

export async function arpAnswers(
  { config, kernel, state }: Sight,
  all: boolean,
): Promise<Seen<readonly ArpFact[]>> {
  if (isUnseen(kernel)) return kernel;
  const wan = config.wan.interface;
  if (portState(kernel.ports.get(wan)) !== "up")
    return { unseen: `${wan} is not up: no router can be asked.` };
  const ways = chooseWays(defaultWays(kernel), state.devices, all);
  if (ways.length === 0) return [];
  try {
    const links = openPacketLinks();
    const ask = async (): Promise<readonly ArpAnswer[]> => askAll(links, ways);
    const lan = config.lan.interface;
    if (portState(kernel.ports.get(lan)) !== "up")
      return (await ask()).map((answer) => ({ ...answer, cameBack: false }));
    const { result, senders } = await overhearArp(links, lan, ask);
    return result.map((answer) => ({ ...answer, cameBack: senders.has(`${answer.mac} ${answer.ip}`) }));
  } catch (thrown) {
    return { unseen: `The router cannot be asked: ${messageOf(thrown)}.` };
  }
}

async function askAll(links: PacketLinks, ways: readonly Way4[]): Promise<readonly ArpAnswer[]> {
  const asked: Promise<ArpAnswer>[] = [];
  for (const { ifname, source, router } of ways) {
    const mac = identityMac(ifname);
    if (mac) asked.push(askRouter(links, { ifname, mac, ip: source, router }, answerMs));
    await sleep(pauseMs);
  }
  return Promise.all(asked);
}

/** Those seen last first: they are most likely to be served. */
function chooseWays(ways: readonly Way4[], devices: readonly StoredDevice[], all: boolean): readonly Way4[] {
  const known = byIdentity(devices);
  const seenAt = ({ ifname }: Way4): number => known.get(ifname)?.last_seen ?? 0;
  const distinct = [...new Map(ways.map((way) => [way.ifname, way])).values()];
  const sorted = distinct.sort((a, b) => seenAt(b) - seenAt(a));
  return all ? sorted : sorted.slice(0, fewIdentities);
}

const mostDevices = 20;
const dialMs = 700;

/** Connections to the devices' ports, and to the targets of manual forwards; each is closed at once. */
export async function reached({ config, state, forwards }: Sight): Promise<readonly ReachFact[]> {
  const devices = state.devices.filter((d) => d.status === "active" && d.ipv4_address !== null);
  const ports = [...new Set(config.forwards.ports.flatMap(({ devicePorts }) => devicePorts))];
  const auto = config.forwards.auto
    ? devices.slice(0, mostDevices).flatMap((d) => ports.map((port) => targetOf(d, port, true)))
    : [];
  const manual = (forwards === undefined || isUnseen(forwards) ? [] : forwards).flatMap((f) => {
    const device = devices.find((d) => d.ipv4_address === f.address);
    return device && f.protocol === "tcp" ? [targetOf(device, f.target, false)] : [];
  });
  const targets = new Map([...manual, ...auto].map((t) => [`${t.ip} ${t.port}`, t]));
  return Promise.all(
    [...targets.values()].map(async (t) => ({ ...t, isOpen: await systemDial.open(t.ip, t.port, dialMs) })),
  );
}

const targetOf = (device: StoredDevice, port: number, isListed: boolean) => ({
  isListed,
  mac: device.mac_address,
  ip: device.ipv4_address as Ip4,
  port,
});

const dnsMs = 1_500;

const mostServers = 4;

/**
 * The network's own, and ours. Those of the network as the gateway gave them to its dnsmasq; where it runs none, as they stand in the leases. Link-local ones need a scope
 * that resolvers do not take.
 */
export async function resolvers(sight: Sight): Promise<readonly ResolverFact[]> {
  const { config, daemon } = sight;
  if (daemon.pid === undefined) return [];
  const named = config.lan.dhcp ? await givenServers(config) : leasedServers(sight);
  const upstream = named.map((address) => ({ address, kind: "upstream" as const }));
  const own = config.lan.dhcp ? [{ address: config.lan.address.ip as string, kind: "own" as const }] : [];
  return Promise.all(
    [...upstream, ...own].map(async (r) => ({ ...r, failure: await askDns(r.address, dnsMs) })),
  );
}

async function givenServers({ state }: Sight["config"]): Promise<readonly string[]> {
  const file = await readText(`${state.runtime_directory}/resolv.conf`).catch(() => undefined);
  const addresses = [...(file ?? "").matchAll(/^nameserver (\S+)$/gm)].map(([, address = ""]) => address);
  return addresses.filter((address) => !address.includes("%"));
}

/** Of the devices that work; each once, and a few. */
function leasedServers({ state }: Sight): readonly string[] {
  const working = state.devices.filter(({ status }) => status === "active");
  const all = working.flatMap(({ lease4, lease6 }): readonly string[] => [
    ...(lease4?.dns_servers ?? []),
    ...(lease6?.dns_servers ?? []).filter((ip) => !isLinkLocal(ip)),
  ]);
  return [...new Set(all)].slice(0, mostServers);
}
