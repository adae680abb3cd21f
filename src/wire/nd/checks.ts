/** What makes a message that can be read one to discard (RFC 4861 sections 6.1 and 7.1). */
import { anyIp6, type Ip6, isLinkLocal, isMulticastIp6, solicitedNode } from "../../base/ip6.ts";
import type { NdMessage } from "./message.ts";

interface Between {
  readonly source: Ip6;
  readonly destination: Ip6;
}

/** Undefined when there is nothing to complain about. */
export function complaintAbout(message: NdMessage, hosts: Between): string | undefined {
  switch (message.kind) {
    case "router-advert":
      return isLinkLocal(hosts.source) ? undefined : `a router at ${hosts.source}, which is not link-local`;
    case "router-solicit":
      return anonymousWithAddress(message.sourceMac, hosts);
    case "neighbour-solicit":
      if (isMulticastIp6(message.target)) return `asks for the group ${message.target}`;
      if (hosts.source === anyIp6 && !isSolicitedNode(hosts.destination))
        return `a probe for an address, sent to ${hosts.destination}`;
      return anonymousWithAddress(message.sourceMac, hosts);
    case "neighbour-advert":
      if (isMulticastIp6(message.target)) return `advertises the group ${message.target}`;
      if (message.solicited && isMulticastIp6(hosts.destination))
        return `an answer to one, sent to ${hosts.destination}`;
      return undefined;
  }
}

const anonymousWithAddress = (sourceMac: string | undefined, { source }: Between): string | undefined =>
  source === anyIp6 && sourceMac !== undefined ? `comes from :: and yet from ${sourceMac}` : undefined;

/** Within ff02::1:ff00:0/104: its own last 24 bits make the same group again. */
const isSolicitedNode = (ip: Ip6): boolean => solicitedNode(ip) === ip;
