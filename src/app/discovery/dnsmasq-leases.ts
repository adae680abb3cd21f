/** dnsmasq's lease file: `<expiry> <mac> <ip> <hostname or *> <client-id or *>` a line; those of DHCPv6 have no MAC, and are passed over. */
import { parseIp4 } from "../../base/ip4.ts";
import { parseMac } from "../../base/mac.ts";
import type { Sighting } from "./lan-frames.ts";

export function parseDnsmasqLeases(text: string): Sighting[] {
  const sightings: Sighting[] = [];
  for (const line of text.split("\n")) {
    const [, macText = "", ipText = "", name = "*"] = line.split(" ");
    const mac = parseMac(macText);
    const ip = parseIp4(ipText);
    if (!mac.ok || !ip.ok) continue;
    sightings.push({
      mac: mac.value,
      ip: ip.value,
      ...(name === "*" ? {} : { hostname: name }),
      alive: false,
      how: "lease",
    });
  }
  return sightings;
}
