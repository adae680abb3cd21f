/** What one frame on the LAN port says about a device. */
import { anyIp4, type Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import type { Fingerprint } from "../../machine/dhcp4/interface.ts";
import { parseArpFrame } from "../../wire/arp.ts";
import { parseDhcp4Frame } from "../../wire/dhcp4/frame.ts";
import type { Dhcp4Message } from "../../wire/dhcp4/message.ts";
import { etherTypeOf, etherTypes } from "../../wire/ethernet.ts";

export interface Sighting {
  readonly mac: Mac;
  readonly ip?: Ip4;
  readonly hostname?: string;
  readonly fingerprint?: Fingerprint;
  /** Whether the device itself was heard just now, not merely remembered by somebody. */
  readonly alive: boolean;
  readonly how: "arp" | "dhcp" | "neighbour" | "lease";
}

/** A sighting, or undefined when the frame tells of no device. */
export function sightingIn(frame: Uint8Array): Sighting | undefined {
  return etherTypeOf(frame) === etherTypes.arp ? arpSighting(frame) : dhcpSighting(frame);
}

function arpSighting(frame: Uint8Array): Sighting | undefined {
  const parsed = parseArpFrame(frame);
  if (!parsed.ok) return undefined;
  const { senderMac, senderIp } = parsed.value.arp;
  return { mac: senderMac, ...(senderIp === anyIp4 ? {} : { ip: senderIp }), alive: true, how: "arp" };
}

function dhcpSighting(frame: Uint8Array): Sighting | undefined {
  const parsed = parseDhcp4Frame(frame);
  if (!parsed.ok || parsed.value.message.op !== "request") return undefined;
  const { message } = parsed.value;
  // A relay's frame is not the device's, and the device is not on this link.
  if (message.giaddr !== anyIp4) return undefined;
  const type = message.options.messageType;
  const tells = type === "discover" || type === "request" || type === "inform";
  const hostname = message.options.hostName;
  return {
    mac: message.chaddr,
    ...(message.ciaddr === anyIp4 || type === "release" ? {} : { ip: message.ciaddr }),
    ...(hostname ? { hostname } : {}),
    ...(tells ? { fingerprint: fingerprintOf(message) } : {}),
    alive: type !== "release",
    how: "dhcp",
  };
}

/** Options 12, 55, 57, 60 and 61 as the device sent them. */
function fingerprintOf({ options }: Dhcp4Message): Fingerprint {
  const { hostName, parameterList, maxMessageSize, vendorClass, clientId } = options;
  return {
    ...(hostName ? { hostName } : {}),
    ...(parameterList ? { parameterList } : {}),
    ...(maxMessageSize ? { maxMessageSize } : {}),
    ...(vendorClass ? { vendorClass } : {}),
    ...(clientId ? { clientId } : {}),
  };
}
