/** What a person is told of a device: one word, and where it helps one sentence. */
import { type Cidr6, formatCidr6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { between, type Duration, formatWall, type Instant, type WallTime } from "../../base/time.ts";
import type { Asking, Device, Ipv6State, Resting } from "./device.ts";

export type DeviceStatus = "pending" | "discovering" | "active" | "inactive" | "failed";

/** Which families the network has for others; the absence of the rest is nobody's failure. */
export interface Offered {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

/** Active with what there is: one family is enough. */
export function statusOf(device: Device, now: Instant, offlineAfter: Duration): DeviceStatus {
  if (device.stage.tag === "refused") return "failed";
  if (device.stage.tag === "pending") return "pending";
  const { ipv4, ipv6 } = device;
  if (ipv4.installed || ipv6.installed)
    return between(device.lastSeenAt, now) > offlineAfter ? "inactive" : "active";
  if (isTrying(ipv4.dhcp) || isTrying(ipv6.dhcp)) return "discovering";
  if (hasHope(ipv6)) return "discovering";
  const failed = ipv4.dhcp.tag === "failed" || ipv6.dhcp.tag === "failed" || ipv6.silentRouter !== undefined;
  return failed ? "failed" : "pending";
}

/** An address is being checked, or waits for a way out or an answer. */
const hasHope = ({ addresses, silentRouter }: Ipv6State): boolean =>
  silentRouter === undefined && addresses.some((a) => a.state !== "duplicate");

/** Why a device that has an address on IPv6 does not work there. */
export const silenceText = (router: Ip6): string =>
  `router ${router} does not answer: is this MAC registered?`;

/** A lease that is not yet installed is on its way. */
const isTrying = ({ tag }: Asking<unknown> | Resting): boolean => tag === "asking" || tag === "leased";

/** One sentence for a person, or undefined when there is nothing to say. */
export function reasonOf(device: Device, offered?: Offered): string | undefined {
  const { stage, ipv4, ipv6 } = device;
  if (stage.tag === "refused") return stage.reason;
  if (stage.tag === "pending") return undefined;
  const duplicate = ipv6.addresses.find((a) => a.state === "duplicate");
  if (duplicate) return `another host uses its IPv6 address ${duplicate.ip} (duplicate address detection)`;
  if (ipv4.installed || ipv6.installed) return reasonOfWorking(device, offered);
  if (isTrying(ipv4.dhcp) || isTrying(ipv6.dhcp)) return attemptOf(ipv4.dhcp) ?? attemptOf(ipv6.dhcp);
  if (hasHope(ipv6)) return undefined;
  if (ipv4.dhcp.tag === "resting") return restText(ipv4.dhcp.until);
  if (ipv4.dhcp.tag === "failed") return ipv4.dhcp.reason;
  if (ipv6.silentRouter) return silenceText(ipv6.silentRouter);
  return ipv6.dhcp.tag === "failed" ? ipv6.dhcp.reason : undefined;
}

/** Said of a device that works: there is no IPv4 of its own, and why that is no trouble. */
export const translatedText = (nat64: Cidr6): string =>
  `its IPv4 goes by 464XLAT (NAT64 ${formatCidr6(nat64)})`;

/** What a DHCPv4 server has said by option 108. */
export const prefersIpv6 = "the network prefers IPv6 only (RFC 8925)";

/** Why it has no IPv4, where the network asked for that. */
export const restText = (until: WallTime): string =>
  `${prefersIpv6}, DHCPv4 rests until ${formatWall(until).slice(0, 19).replace("T", " ")} UTC`;

function reasonOfWorking(device: Device, offered: Offered | undefined): string | undefined {
  const { ipv4, ipv6, lanIp, nat64 } = device;
  if (ipv4.installed && lanIp === undefined) return "its LAN address is not known yet";
  if (offered?.ipv4 && ipv4.dhcp.tag === "failed") return `no IPv4: ${ipv4.dhcp.reason}`;
  if (offered?.ipv6 && !ipv6.installed && ipv6.dhcp.tag === "failed") return `no IPv6: ${ipv6.dhcp.reason}`;
  if (ipv6.silentRouter) return `no IPv6: ${silenceText(ipv6.silentRouter)}`;
  if (ipv4.dhcp.tag === "resting")
    return `${restText(ipv4.dhcp.until)}${nat64 ? `; ${translatedText(nat64)}` : ""}`;
  if (nat64 && ipv4.dhcp.tag !== "leased") return translatedText(nat64);
  return undefined;
}

const attemptOf = (asking: Asking<unknown> | Resting): string | undefined =>
  asking.tag === "asking" && asking.attempt > 1 ? `attempt ${asking.attempt} of ${asking.of}` : undefined;
