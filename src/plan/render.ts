/** Actions -> the lines that `ip -batch` and `nft -f` take. */
import { formatCidr4 } from "../base/cidr4.ts";
import type { Action } from "./diff.ts";
import { nftTable, routeProtocol, translatorPeer } from "./marks.ts";
import { renderDelete6, renderPut6 } from "./render6.ts";
import {
  type Address,
  actionText,
  type Element,
  elementText,
  type Identity,
  type Neighbour,
  type Port,
  type Resource,
  type Route,
  type Rule,
  type Tunnel,
} from "./resource.ts";

const protocol = `protocol ${routeProtocol}`;

/**
 * The `ip -batch` lines of one action, or none when iproute2 has no part in it. A new identity is created down; its
 * settings are written before `renderUp`.
 */
export function renderIp(action: Action): string[] {
  const r = action.resource;
  if (action.kind === "delete") return renderDelete(r);
  switch (r.kind) {
    case "identity":
      return renderIdentity(r, action.was);
    case "port":
      return renderPort(r, action.was);
    case "tunnel":
      return renderTunnel(r, action.was);
    case "address":
      return renderAddress(r, action.was);
    case "neighbour":
      return [`neighbour replace ${neighbourText(r)} nud permanent ${protocol}`];
    case "route":
      return [`route replace ${routeText(r)}`];
    case "rule":
      return renderRule(r, action.was);
    case "ruleset":
    case "element":
    case "sysctl":
      return [];
    case "address6":
    case "neighbour6":
    case "route6":
    case "rule6":
      return renderPut6(r, action.was);
  }
}

export const renderUp = (identity: Identity | Tunnel): string => `link set dev ${identity.ifname} up`;

/** Broadcasts are queued once per identity; the default of 1000 loses 60 % of a burst at 200 identities. */
const broadcastQueue = "bcqueuelen 10000";

function renderIdentity(r: Identity, was: Resource | undefined): string[] {
  const add = `link add link ${r.parent} name ${r.ifname} address ${r.mac} mtu ${r.mtu} group ${r.group} type macvlan mode private ${broadcastQueue}`;
  if (was?.kind !== "identity") return [add];
  if (was.mac !== r.mac || was.parent !== r.parent) return [`link delete dev ${r.ifname}`, add];
  const changes = [
    was.mtu === r.mtu ? "" : ` mtu ${r.mtu}`,
    was.group === r.group ? "" : ` group ${r.group}`,
  ];
  return changes.flatMap((change) => (change === "" ? [] : [`link set dev ${r.ifname}${change}`]));
}

/** Both ends of the cable have it, so that without ARP each takes what the other sends. */
const cableMac = "02:00:00:00:71:71";

/** Whether its program has it open or not, it stays until it is deleted. */
function renderTunnel(r: Tunnel, was: Resource | undefined): string[] {
  const make =
    r.medium === "veth"
      ? [
          `link add dev ${r.ifname} address ${cableMac} type veth peer name ${translatorPeer} address ${cableMac}`,
          `link set dev ${r.ifname} arp off`,
        ]
      : [`tuntap add dev ${r.ifname} mode tun`];
  const other = was?.kind === "tunnel" && was.medium !== r.medium ? [`link delete dev ${r.ifname}`] : [];
  const add = was?.kind === "tunnel" && other.length === 0 ? [] : [...other, ...make];
  return [...add, `link set dev ${r.ifname} mtu ${r.mtu} group ${r.group}`];
}

function renderPort(r: Port, was: Resource | undefined): string[] {
  const grouped = r.group === undefined || (was?.kind === "port" && was.group === r.group);
  const up = `link set dev ${r.ifname} up`;
  return grouped ? [up] : [`link set dev ${r.ifname} group ${r.group}`, up];
}

function renderAddress(r: Address, was: Resource | undefined): string[] {
  const mark = r.metric ? ` metric ${r.metric}` : " noprefixroute";
  const add = `address add ${r.ip}/${r.length} dev ${r.ifname}${mark}`;
  return was?.kind === "address" ? [`address delete ${was.ip}/${was.length} dev ${was.ifname}`, add] : [add];
}

const neighbourText = (r: Neighbour): string => `${r.ip} lladdr ${r.mac} dev ${r.ifname}`;

function routeText(r: Route): string {
  const how = r.via ? `via ${r.via} dev ${r.ifname} onlink` : `dev ${r.ifname} scope link`;
  return `${formatCidr4(r.destination)} ${how} src ${r.source} table ${r.table} ${protocol}`;
}

function ruleText(r: Rule): string {
  const parts = [`pref ${r.preference}`];
  if (r.not) parts.push("not");
  if (r.from) parts.push(`from ${formatCidr4(r.from)}`);
  if (r.destination) parts.push(`to ${formatCidr4(r.destination)}`);
  if (r.iif) parts.push(`iif ${r.iif}`);
  if (r.mark) parts.push(`fwmark ${r.mark}`);
  return [...parts, actionText(r.action), protocol].join(" ");
}

/** The kernel does not take a second `goto` of the same selector beside the first. */
const renderRule = (r: Rule, was: Resource | undefined): string[] =>
  was?.kind === "rule"
    ? [`rule delete ${ruleText(was)}`, `rule add ${ruleText(r)}`]
    : [`rule add ${ruleText(r)}`];

function renderDelete(r: Resource): string[] {
  switch (r.kind) {
    case "identity":
    case "tunnel":
      return [`link delete dev ${r.ifname}`];
    case "address":
      return [`address delete ${r.ip}/${r.length} dev ${r.ifname}`];
    case "neighbour":
      return [`neighbour delete ${r.ip} dev ${r.ifname}`];
    case "route":
      return [`route delete ${formatCidr4(r.destination)} dev ${r.ifname} table ${r.table} ${protocol}`];
    case "rule":
      return [`rule delete ${ruleText(r)}`];
    case "port":
    case "ruleset":
    case "element":
    case "sysctl":
      return [];
    case "address6":
    case "neighbour6":
    case "route6":
    case "rule6":
      return renderDelete6(r);
  }
}

/** One nft transaction for all element changes. */
export function renderElements(actions: readonly Action[]): string {
  const gone: Element[] = [];
  const there: Element[] = [];
  for (const action of actions) {
    const { resource } = action;
    if (resource.kind !== "element") continue;
    if (action.kind === "delete") gone.push(resource);
    else there.push(resource);
    // Of a map: nft does not write a new value over an old one.
    if (action.kind === "put" && action.was?.kind === "element") gone.push(action.was);
  }
  const lines = [...elementLines("delete", gone), ...elementLines("add", there)];
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** The kernel takes no more than so many bytes at once: those of one set share a message. */
function elementLines(verb: string, elements: readonly Element[]): string[] {
  const bySet = new Map<string, string[]>();
  for (const element of elements) {
    const texts = bySet.get(element.set) ?? [];
    texts.push(elementText(element));
    bySet.set(element.set, texts);
  }
  const table = `${nftTable.family} ${nftTable.name}`;
  return [...bySet].map(([set, texts]) => `${verb} element ${table} ${set} { ${texts.join(", ")} }`);
}
