/** The number of a device's routing table, which follows from its LAN address. */
import { type Cidr4, contains } from "../base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { tableBase } from "./marks.ts";

export const tableOf = (lan: Cidr4, ip: Ip4): number =>
  tableBase + ip4ToNumber(ip) - ip4ToNumber(lan.address);

/** Undefined: no device's. */
export function lanIpOf(lan: Cidr4, table: number): Ip4 | undefined {
  if (table < tableBase) return undefined;
  const ip = ip4FromNumber(ip4ToNumber(lan.address) + table - tableBase);
  return contains(lan, ip) ? ip : undefined;
}
