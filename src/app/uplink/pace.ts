/** The numbers behind `[pacing]`. */
import type { Config } from "../../config/schema.ts";
import type { Rate } from "./lane.ts";

/** An absent rate is no limit. */
export interface Pace {
  readonly arp?: Rate;
  readonly nd?: Rate;
  readonly dhcp?: Rate;
  /** New identities. */
  readonly devices?: Rate;
  /** The most questions to servers that are open at once. */
  readonly exchanges: number;
  /** ARP that leaves the port, ours and the kernel's: the kernel answers and asks in the identities' names by itself. */
  readonly arpInAll?: Rate;
}

type Numbers = Config["pacing"];
type Key = Exclude<keyof Numbers, "profile">;

/** A server's socket, as Linux makes them, holds some 160 questions before it drops the next (212,992 bytes). */
const defaultExchanges = 128;

/** `switch-safe`: switches shut the port above 15 ARP or DHCP frames a second. */
const profiles: Readonly<Record<Numbers["profile"], Partial<Record<Key, number>>>> = {
  "switch-safe": {
    devices_per_second: 2,
    arp_per_second: 15,
    dhcp_per_second: 14,
    nd_per_second: 15,
    burst: 4,
    exchanges: defaultExchanges,
  },
  unlimited: { exchanges: defaultExchanges },
};

/** What the profile leaves open and the operator did not say. */
const standardBurst = 4;

export function paceOf(pacing: Numbers): Pace {
  const number = (key: Key): number | undefined => {
    const own = pacing[key];
    return own === "profile" ? profiles[pacing.profile][key] : own;
  };
  const burst = number("burst") ?? standardBurst;
  const frames = (most: number | undefined): Rate | undefined =>
    most === undefined ? undefined : within(most, burst);
  const arp = number("arp_per_second");
  const nd = number("nd_per_second");
  const devices = number("devices_per_second");
  const rates = {
    // The rest is for the kernel's own.
    arp: frames(arp && Math.max(2, Math.round(arp * 0.8))),
    nd: nd === undefined ? undefined : within(Math.max(2, Math.round(nd * 0.5)), Math.min(2, burst)),
    dhcp: frames(number("dhcp_per_second")),
    devices:
      devices === undefined
        ? undefined
        : { perSecond: devices, burst: Math.min(burst, Math.max(1, Math.floor(devices))) },
    arpInAll: arp === undefined ? undefined : within(arp, Math.max(1, Math.round(arp / 3))),
  };
  const given = Object.entries(rates).filter(([, rate]) => rate !== undefined);
  return { exchanges: number("exchanges") ?? defaultExchanges, ...Object.fromEntries(given) };
}

/** A bucket gives its burst and then its rate: in any second as many as both together. */
function within(most: number, burst: number): Rate {
  const atOnce = Math.max(1, Math.min(burst, most - 1));
  return { perSecond: most - atOnce, burst: atOnce };
}
