/** Router advertisements that somebody invents. */
import { prefixInformation, routerAdvert } from "../../src/app/uplink6/advert.fixture.ts";
import { allNodes, linkLocalOf, multicastMac } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { emitNdFrame } from "../../src/wire/nd/emit.ts";

/** From router number `n`, with as many /64s of its own. */
export function inventedAdvert(n: number, prefixes: number): Uint8Array {
  const mac = `02:00:00:00:99:${n.toString(16).padStart(2, "0")}` as Mac;
  const own = (p: number): string => `2001:db8:f${n.toString(16)}:${p.toString(16)}::/64`;
  return emitNdFrame({
    sourceMac: mac,
    destinationMac: multicastMac(allNodes),
    source: linkLocalOf(mac),
    destination: allNodes,
    message: routerAdvert({
      sourceMac: mac,
      prefixes: Array.from({ length: prefixes }, (_, p) => prefixInformation(own(p))),
    }),
  });
}
