/** Ways from an IPv6 client to a device's IPv4, to be measured beside each other; for the bench. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lanIpOf, type ProxyLab, proxyDesired, proxyDevice, wanIp6Of, wanPort } from "../proxy-lab.ts";
import { listening, type WayIn } from "./proxy-speed.ts";

export const peers = ["ours", "minimal", "socat", "direct"] as const;
export type Peer = (typeof peers)[number];

/** The device that is asked. */
const asked = 2;
const proxied: WayIn = { host: wanIp6Of(asked), web: 8080, stream: 2323 };

/** Where the rules lead what comes for a port. */
const listenerOf = (port: number): number =>
  proxyDesired([]).ports.find((auto) => auto.port === port)?.listener ?? port;

/** Makes the way; the devices serve already. */
export async function openWay(peer: Peer, lab: ProxyLab, devices: number): Promise<WayIn> {
  if (peer === "direct") return routed(lab);
  if (peer === "minimal") return minimal(lab);
  lab.start(peer === "ours" ? "haproxy" : "socat");
  lab.update(proxyDesired(Array.from({ length: devices }, (_, i) => proxyDevice(i + 2))));
  await lab.until(new RegExp(`\\b${devices} devices`), 30_000);
  return proxied;
}

/** As one writes it by hand for one device, in the same place behind the same rules: nothing but the way. */
const byHand = `defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  option splice-auto

listen web
  bind [::1]:${listenerOf(proxied.web)} transparent
  server device ${lanIpOf(asked)}:80

listen telnet
  bind [::1]:${listenerOf(proxied.stream)} transparent
  server device ${lanIpOf(asked)}:23
`;

async function minimal(lab: ProxyLab): Promise<WayIn> {
  const file = join(lab.directory, "by-hand.cfg");
  await writeFile(file, byHand);
  lab.gateway.start(["haproxy", "-db", "-f", file]);
  await listening(lab.gateway, [proxied.web, proxied.stream].map(listenerOf));
  return proxied;
}

/** No proxy at all: the client has IPv4 too, and the gateway routes. */
async function routed(lab: ProxyLab): Promise<WayIn> {
  await lab.gateway.nft("delete table inet proxy");
  await lab.gateway.sysctl({ "net.ipv4.ip_forward": 1 });
  await lab.gateway.ip([`addr add 198.51.100.1/24 dev ${wanPort}`]);
  await lab.client.ip(["addr add 198.51.100.99/24 dev wan", "route add default via 198.51.100.1"]);
  await lab.lan.ip(["route add default via 10.0.0.1"]);
  return { host: lanIpOf(asked), web: 80, stream: 23 };
}
