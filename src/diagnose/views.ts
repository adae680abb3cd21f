/** What several checks read out of the facts. */
import type { Ip4 } from "../base/ip4.ts";
import type { Mac } from "../base/mac.ts";
import type { StoredDevice } from "../config/state-device.ts";
import { identityName, lanMetric } from "../plan/marks.ts";
import type { Observed } from "../plan/observe.ts";
import type { Facts, ProcessFact } from "./facts.ts";

/** With prefix length, ours and others'. */
export function portAddresses({ resources, foreignAddresses }: Observed, ifname: string): readonly string[] {
  const own = resources.flatMap((r) =>
    r.kind === "address" && r.ifname === ifname && r.metric === lanMetric ? [`${r.ip}/${r.length}`] : [],
  );
  const foreign = [...foreignAddresses].flatMap((text) => {
    const [name, address = ""] = text.split(" ");
    return name === ifname ? [address] : [];
  });
  return [...own, ...foreign];
}

const clientPrograms = /(^|\/)(udhcpc6?|dhclient|dhcpcd|odhcp6c|dhcp6c|wide-dhcpv6-client)$/;

/** DHCP clients that name the WAN port on their command line. */
export const wanClients = ({ processes, config }: Facts): readonly ProcessFact[] =>
  processes.filter(
    ({ argv }) =>
      argv.some((word) => clientPrograms.test(word)) &&
      argv.some((word) => word === config.wan.interface || word === `-i${config.wan.interface}`),
  );

export const processText = ({ pid, argv, program }: ProcessFact): string =>
  `process ${pid}: ${(argv.length > 0 ? argv.join(" ") : program).slice(0, 120)}`;

/** As `00:00:5e:00:53:01 (camera, 192.168.1.100)`. */
export function deviceText({ mac_address, hostname, ipv4_address }: StoredDevice): string {
  const known = [hostname, ipv4_address].filter((text) => text !== null && text !== "");
  return known.length === 0 ? mac_address : `${mac_address} (${known.join(", ")})`;
}

export interface Way4 {
  readonly ifname: string;
  readonly source: Ip4;
  readonly router: Ip4;
}

/** The default routes of the identities. */
export const defaultWays = ({ resources }: Observed): readonly Way4[] =>
  resources.flatMap((r) =>
    r.kind === "route" && r.destination.length === 0 && r.via
      ? [{ ifname: r.ifname, source: r.source, router: r.via }]
      : [],
  );

/** MACs of the routers of the WAN, from our permanent entries and the kernel's own. */
export function routerMacs({ kernel, neighbours }: Facts): ReadonlySet<Mac> {
  if ("unseen" in kernel) return new Set();
  const own = kernel.resources.flatMap((r) =>
    r.kind === "neighbour" || r.kind === "neighbour6" ? [r.mac] : [],
  );
  const ways = new Set(defaultWays(kernel).map(({ ifname, router }) => `${ifname} ${router}`));
  const learnt =
    "unseen" in neighbours
      ? []
      : neighbours.flatMap((n) => (n.mac && ways.has(`${n.ifname} ${n.ip}`) ? [n.mac] : []));
  return new Set([...own, ...learnt]);
}

export const byIdentity = (devices: readonly StoredDevice[]): ReadonlyMap<string, StoredDevice> =>
  new Map(devices.map((d) => [identityName(d.mac_address), d]));

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
