/** The configuration of tayga, which translates for all devices at once. It knows the LAN as a whole: devices come and go without its notice. */
import type { Cidr4 } from "../base/cidr4.ts";
import { formatCidr4 } from "../base/cidr4.ts";
import { type Cidr6, formatCidr6 } from "../base/cidr6.ts";
import type { Ip4 } from "../base/ip4.ts";
import { translatorName } from "./marks.ts";
import { innerLan, innerOf, routersIp4 } from "./translation.ts";

/** Of the range that is kept for such hosts on both sides of a translator (RFC 7335): what the program itself complains under. */
const ownIp4 = "192.0.0.2" as Ip4;

export interface TaygaSettings {
  readonly lan: Cidr4;
  /** Absent: the devices' own IPv4 is not translated. */
  readonly nat64?: Cidr6;
  /** Where IPv6 clients stand for the devices; absent: none reaches them this way. */
  readonly clients?: Cidr4;
}

/** @param memory directory in which it keeps which client has which address, over its own restarts */
export const renderTayga = (
  { lan, nat64, clients }: TaygaSettings,
  memory: string,
): string => `# Written by the gateway; changes are lost.
tun-device ${translatorName}
ipv4-addr ${ownIp4}
ipv6-addr ${innerOf(ownIp4)}
${nat64 ? `prefix ${formatCidr6(nat64)}\n` : ""}${clients ? `dynamic-pool ${formatCidr4(clients)}\ndata-dir ${memory}\n` : ""}map ${formatCidr4(lan)} ${formatCidr6(innerLan(lan))}
map ${routersIp4} ${innerOf(routersIp4)}
`;
