/** Addresses of the WAN inside `forwards.clients`, where IPv6 clients stand for the devices: a packet for one of them has two places to go. */
import { type Cidr4, contains, formatCidr4, networkOf } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";

/** Whether the address, or the network around it, shares addresses with these. */
export function clashes(
  clients: Cidr4,
  { ip, length }: { readonly ip: Ip4; readonly length: number },
): boolean {
  const net = networkOf(ip, length);
  return contains(clients, net.address) || contains(net, clients.address);
}

/** What that means, in a sentence. @param others how many devices besides the one that is named */
export const clashSentence = (
  clients: Cidr4,
  { device, ip, length }: { readonly device: string; readonly ip: Ip4; readonly length: number },
  others: number,
): string =>
  `The WAN gave ${device}${others > 0 ? ` and ${others} more` : ""} ${ip}/${length}, which overlaps forwards.clients ${formatCidr4(clients)}: while a device is open to IPv6 clients, devices do not reach hosts there; set forwards.clients to a network that is used nowhere.`;
