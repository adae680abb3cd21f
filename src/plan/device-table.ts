/**
 * The number of a device's routing table, which follows from its LAN address. The kernel keeps its tables in 256 lists by the lower eight bits of their numbers and looks for `local` (255),
 * `main` (254) and `default` (253) with every packet: no device's table lies in their lists.
 */
import { type Cidr4, contains } from "../base/cidr4.ts";
import { type Ip4, ip4FromNumber, ip4ToNumber } from "../base/ip4.ts";
import { tableBase } from "./marks.ts";

const lists = 256;
const listsOfDevices = 253;
/** The base's place in its 256 numbers. */
const place = tableBase % lists;

export function tableOf(lan: Cidr4, ip: Ip4): number {
  const n = ip4ToNumber(ip) - ip4ToNumber(lan.address) + place;
  return tableBase - place + lists * Math.floor(n / listsOfDevices) + (n % listsOfDevices);
}

/** Undefined: no device's. */
export function lanIpOf(lan: Cidr4, table: number): Ip4 | undefined {
  if (table < tableBase || table % lists >= listsOfDevices) return undefined;
  const n = table - tableBase + place;
  const offset = listsOfDevices * Math.floor(n / lists) + (n % lists) - place;
  const ip = ip4FromNumber(ip4ToNumber(lan.address) + offset);
  return contains(lan, ip) ? ip : undefined;
}
