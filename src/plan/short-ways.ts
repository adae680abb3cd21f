/**
 * A shorter way for the datagrams that devices keep sending through the translator. What leaves by connection tracking, routing and our rules is written down for a moment, and what
 * follows of the same flow goes from the translator's interface straight to the router by the identity. Answers come by the whole way, so that nothing comes in that did not before.
 */
import { contains6 } from "../base/cidr6.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import {
  identityName,
  innerPrefix,
  nftTable,
  setMark,
  shortWayMark,
  sourceTable,
  translatorName,
} from "./marks.ts";
import type { ResourceMap } from "./resource.ts";

/** Of one device whose IPv4 is translated, by the name of its identity. */
export interface ShortWay {
  /** As which it comes out of the translator. */
  readonly inner: Ip6;
  /** What may stand in that place on the WAN; connection tracking chooses. */
  readonly addresses: readonly Ip6[];
  readonly router: Ip6;
}

export type ShortWays = ReadonlyMap<string, ShortWay>;

export const shortWayTable = `netdev ${nftTable.name}_short`;

/** Those of the devices that the resources are of. */
export function shortWaysOf(desired: ResourceMap): ShortWays {
  const addresses = new Map<string, Ip6[]>();
  const ways = new Map<string, { readonly inner: Ip6; readonly router: Ip6 }>();
  for (const r of desired.values()) {
    if (r.kind === "address6" && !r.deprecated)
      addresses.set(r.ifname, [...(addresses.get(r.ifname) ?? []), r.ip]);
    if (r.kind === "route6" && r.table === sourceTable && r.from && r.via && contains6(innerPrefix, r.from))
      ways.set(r.ifname, { inner: r.from, router: r.via });
  }
  return new Map(
    [...ways].flatMap(([ifname, way]) => {
      const own = addresses.get(ifname);
      return own ? [[ifname, { ...way, addresses: own }] as const] : [];
    }),
  );
}

/** The statement for what is to be written down, if it really leaves; of UDP alone: of TCP connection tracking has to see every segment. */
export const markForShortWay = `    iifname "${translatorName}" oifname "gw*" meta nfproto ipv6 meta l4proto udp ${setMark(shortWayMark)}\n`;

const flow = "ip6 saddr . ip6 daddr . udp sport . udp dport";

/**
 * All of it, in place of what there was. A flow is written down for 2 s from a packet that went the whole way; then the next one goes it again, so that connection tracking knows the flow
 * for as long as it lasts and whatever has changed counts. Ports that had to be changed are found under no flow, and so are addresses that the identity has no more.
 */
export const renderShortWays = (wanPort: string, ways: ShortWays): string => `table ${shortWayTable} {
  set flows {
    type ipv6_addr . ipv6_addr . inet_service . inet_service
    size 65535
    flags dynamic,timeout
    timeout 2s
  }
  map identities {
    type ipv6_addr : verdict
  }
${[...ways].map(chainText).join("")}  chain translated {
    type filter hook ingress device "${translatorName}" priority filter; policy accept;
    ip6 nexthdr udp ip6 hoplimit > 1 ip6 saddr vmap @identities
  }
  chain leaving {
    type filter hook egress device ${JSON.stringify(wanPort)} priority filter; policy accept;
    meta mark & ${shortWayMark.mask} == ${shortWayMark.value} ip6 nexthdr udp update @flows { ${flow} }
  }
}
${[...ways].map(([ifname, { inner }]) => addElement(ifname, inner)).join("")}`;

const chainText = ([ifname, way]: readonly [string, ShortWay]): string =>
  [`chain ${ifname} {`, ...rules(ifname, way).map((rule) => `  ${rule}`), "}"]
    .map((line) => `  ${line}\n`)
    .join("");

/** What has to change for these identities. @param was how they are in the kernel @param now absent ones go */
export function renderChanges(ifnames: Iterable<string>, was: ShortWays, now: ShortWays): string {
  return [...ifnames].map((ifname) => change(ifname, was.get(ifname), now.get(ifname))).join("");
}

function change(ifname: string, was: ShortWay | undefined, now: ShortWay | undefined): string {
  if (JSON.stringify(was) === JSON.stringify(now)) return "";
  const chain = `${shortWayTable} ${ifname}`;
  const out = was
    ? `delete element ${shortWayTable} identities { ${was.inner} }\nflush chain ${chain}\n`
    : "";
  if (!now) return `${out}delete chain ${chain}\n`;
  const into = rules(ifname, now).map((rule) => `add rule ${chain} ${rule}\n`);
  return `${out}add chain ${chain}\n${into.join("")}${addElement(ifname, now.inner)}`;
}

const addElement = (ifname: string, inner: Ip6): string =>
  `add element ${shortWayTable} identities { ${inner} : goto ${ifname} }\n`;

/** What is found under no flow goes on as it came. A kernel that knows the identity's interface no more does nothing at `fwd`. */
const rules = (ifname: string, { inner, addresses, router }: ShortWay): string[] => [
  ...addresses.flatMap((address) => [
    `ip6 saddr set ${address}`,
    `${flow} @flows fwd ip6 to ${router} device "${ifname}"`,
  ]),
  `ip6 saddr set ${inner}`,
];

export const namesOf = (macs: Iterable<Mac>): string[] => [...macs].map(identityName);
