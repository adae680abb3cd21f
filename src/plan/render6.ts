/** IPv6 actions -> the lines that `ip -batch` takes; those of rules need `ip -6`, since their words do not tell the family. */
import { formatCidr6, networkOf6 } from "../base/cidr6.ts";
import { routeProtocol } from "./marks.ts";
import type { Resource } from "./resource.ts";
import {
  type Address6,
  type Neighbour6,
  type Resource6,
  type Route6,
  type Rule6,
  withoutText,
} from "./resource6.ts";

const protocol = `protocol ${routeProtocol}`;

export function renderPut6(r: Resource6, was: Resource | undefined): string[] {
  switch (r.kind) {
    case "address6":
      return renderAddress(r, was);
    case "neighbour6":
      return [`neighbour replace ${neighbourText(r)} nud permanent ${protocol}`];
    case "route6": {
      const source = r.source ? ` src ${r.source}` : "";
      return [
        `route replace ${targetText(r)}${via(r)} dev ${r.ifname}${source} table ${r.table} ${protocol}`,
      ];
    }
    case "rule6":
      return [`rule add ${ruleText(r)}`];
  }
}

export function renderDelete6(r: Resource6): string[] {
  switch (r.kind) {
    case "address6":
      return [
        `address delete ${addressText(r)}`,
        `route delete ${onLinkOf(r)} dev ${r.ifname} protocol kernel`,
      ];
    case "neighbour6":
      return [`neighbour delete ${r.ip} dev ${r.ifname}`];
    case "route6":
      return [`route delete ${targetText(r)} dev ${r.ifname} table ${r.table} ${protocol}`];
    case "rule6":
      return [`rule delete ${ruleText(r)}`];
  }
}

/** Its prefix, which the kernel would take to be on the link for as long as the router once said; while it is, the next RA says so again. */
const onLinkOf = (r: Address6): string => formatCidr6(networkOf6(r.ip, 64));

const addressText = (r: Address6): string => `${r.ip}/${r.length} dev ${r.ifname}`;

/** Replacing changes lifetimes without another duplicate address detection, but not the length of the prefix. */
function renderAddress(r: Address6, was: Resource | undefined): string[] {
  const text = `${addressText(r)} noprefixroute`;
  const preferred = r.deprecated ? " preferred_lft 0" : "";
  if (was?.kind !== "address6") return [`address add ${text}${preferred}`];
  if (was.length === r.length) return [`address replace ${text}${preferred || " preferred_lft forever"}`];
  return [`address delete ${addressText(was)}`, `address add ${text}${preferred}`];
}

const neighbourText = (r: Neighbour6): string => `${r.ip} lladdr ${r.mac} dev ${r.ifname}`;

const targetText = (r: Route6): string =>
  `${formatCidr6(r.destination)}${r.from ? ` from ${r.from}/128` : ""}`;
const via = (r: Route6): string => (r.via ? ` via ${r.via}` : "");

const ruleText = (r: Rule6): string =>
  [
    `pref ${r.preference}`,
    ...(r.iif ? [`iif ${r.iif}`] : []),
    `lookup ${r.table}${withoutText(r.without)}`,
    protocol,
  ].join(" ");
