/** Router advertisements that somebody invents. */

import { parseCidr6 } from "../../src/base/cidr6.ts";
import { type Ip6, linkLocalOf, multicastMac } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { must } from "../../src/base/parsed.ts";
import { minutes, zero } from "../../src/base/time.ts";
import { emitNdFrame } from "../../src/wire/nd/emit.ts";

const allNodes = "ff02::1" as Ip6;

/** From router number `n`, with as many /64s of its own. */
export function inventedAdvert(n: number, prefixes: number): Uint8Array {
  const mac = `02:00:00:00:99:${n.toString(16).padStart(2, "0")}` as Mac;
  return emitNdFrame({
    sourceMac: mac,
    destinationMac: multicastMac(allNodes),
    source: linkLocalOf(mac),
    destination: allNodes,
    message: {
      kind: "router-advert",
      hopLimit: 64,
      managed: false,
      otherConfig: false,
      preference: "medium",
      routerLifetime: minutes(30),
      reachableTime: zero,
      retransTimer: zero,
      sourceMac: mac,
      prefixes: Array.from({ length: prefixes }, (_, p) => ({
        prefix: must(parseCidr6(`2001:db8:f${n.toString(16)}:${p.toString(16)}::/64`)),
        onLink: true,
        autonomous: true,
        validLifetime: minutes(60),
        preferredLifetime: minutes(30),
      })),
      routes: [],
      rdnss: [],
      dnssl: [],
      pref64: [],
    },
  });
}
