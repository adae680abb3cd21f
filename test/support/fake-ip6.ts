/**
 * IPv6 of a kernel in memory: addresses, source-specific routes, rules and neighbours, spoken to in the `ip -batch` lines that the
 * gateway writes. Messages are those of iproute2 6.1 on Linux 6.18.
 */
import { formatCidr6, networkOf6 } from "../../src/base/cidr6.ts";
import { eui64Address, type Ip6, linkLocalOf } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import { type FakeLink, type Grammar, refuse, type Words } from "./fake-ip.ts";

export interface FakeAddress6 {
  readonly dev: string;
  readonly ip: string;
  readonly length: number;
  /** As iproute2 prints them as JSON: `dynamic`, `mngtmpaddr`, `tentative`, `dadfailed`, `deprecated`. */
  readonly flags: readonly string[];
}
export interface FakeRoute6 {
  readonly destination: string;
  readonly from?: string;
  readonly via?: string;
  readonly dev: string;
  readonly source?: string;
  readonly table: string;
  readonly protocol: string;
  /** 1024 unless told. */
  readonly metric?: number;
}
export interface FakeRule6 {
  readonly preference: number;
  readonly iif?: string;
  readonly table: string;
  readonly without?: string;
  readonly protocol: string;
}
export interface FakeNeighbour6 {
  readonly ip: string;
  readonly dev: string;
  readonly mac: string;
  readonly protocol: string;
}

const notFound = "RTNETLINK answers: No such file or directory";
const mainRules: readonly FakeRule6[] = [
  { preference: 0, table: "local", protocol: "kernel" },
  { preference: 32766, table: "main", protocol: "kernel" },
];
const made = ["dynamic", "mngtmpaddr"];
const isUsable = ({ flags }: FakeAddress6): boolean =>
  !flags.includes("dadfailed") && (!flags.includes("tentative") || flags.includes("optimistic"));

export class FakeIp6 {
  readonly #links: ReadonlyMap<string, FakeLink>;
  readonly #disabled: (ifname: string) => boolean;
  addresses: FakeAddress6[] = [];
  routes: FakeRoute6[] = [];
  /** Routes of the kernel's own to prefixes that were advertised, as `prefix dev`. */
  readonly onLink = new Set<string>();
  rules: FakeRule6[] = [...mainRules];
  neighbours: FakeNeighbour6[] = [];
  /** Addresses that somebody else on the link has. */
  readonly taken = new Set<string>();

  constructor(links: ReadonlyMap<string, FakeLink>, disabled: (ifname: string) => boolean) {
    this.#links = links;
    this.#disabled = disabled;
  }

  readonly grammar: Grammar = [
    [
      /^address (?<verb>add|replace) (?<ip>\S+:\S*)\/(?<length>\d+) dev (?<dev>\S+)(?<nodad> nodad)?(?<noprefixroute> noprefixroute)?(?: preferred_lft (?<preferred>0|forever))?$/,
      "address",
      (w) => this.#putAddress(w),
    ],
    [
      /^address delete (?<ip>\S+:\S*)\/(?<length>\d+) dev (?<dev>\S+)$/,
      "address",
      (w) => this.#deleteAddress(w),
    ],
    [
      /^neighbour replace (?<ip>\S+:\S*) lladdr (?<mac>\S+) dev (?<dev>\S+) nud permanent protocol (?<protocol>\d+)$/,
      "neighbour",
      (w) => this.#replaceNeighbour(w),
    ],
    [/^neighbour delete (?<ip>\S+:\S*) dev (?<dev>\S+)$/, "neighbour", (w) => this.#deleteNeighbour(w)],
    [
      /^route replace (?<destination>\S+:\S*)(?: from (?<from>\S+))?(?: via (?<via>\S+))? dev (?<dev>\S+)(?: src (?<source>\S+))? table (?<table>\d+) protocol (?<protocol>\d+)$/,
      "route",
      (w) => this.#replaceRoute(w),
    ],
    [
      /^route add (?<destination>\S+) table (?<table>\w+) metric (?<metric>\d+) dev (?<dev>\S+)(?: via (?<via>\S+))? protocol (?<protocol>\w+)$/,
      "route",
      (w) => this.#addRoute(w),
    ],
    [
      /^route delete (?<destination>\S+:\S*)(?: from (?<from>\S+))? dev (?<dev>\S+) table (?<table>\d+) protocol (?<protocol>\d+)$/,
      "route",
      (w) => this.#deleteRoute(w),
    ],
    [
      /^route flush table (?<table>\d+) protocol (?<protocol>\d+)$/,
      "route",
      ({ table, protocol }) => {
        if (!this.routes.some((r) => r.table === table)) refuse("Error: ipv6: FIB table does not exist.");
        this.routes = this.routes.filter((r) => r.table !== table || r.protocol !== protocol);
      },
    ],
    [
      /^route delete (?<destination>\S+:\S*) dev (?<dev>\S+) protocol kernel$/,
      "route",
      (w) => this.#deleteOnLink(w),
    ],
  ];

  /** Rules only with `ip -6`: their words do not tell the family. */
  readonly ruleGrammar: Grammar = [
    [
      /^rule (?<verb>add|delete) pref (?<preference>\d+)(?: iif (?<iif>\S+))? lookup (?<table>\w+)(?: suppress_ifgroup (?<without>\d+))? protocol (?<protocol>\d+)$/,
      "rule",
      (w) => this.#changeRule(w),
    ],
  ];

  /** An identity that goes up forms its link-local address; one that goes down loses all of IPv6. */
  linkState(ifname: string, up: boolean): void {
    const link = this.#links.get(ifname);
    if (!up) {
      this.addresses = this.addresses.filter((a) => a.dev !== ifname);
      this.routes = this.routes.filter((r) => r.dev !== ifname);
      this.neighbours = this.neighbours.filter((n) => n.dev !== ifname);
    } else if (link?.kind === "macvlan" && !this.#disabled(ifname)) {
      this.#set({ dev: ifname, ip: linkLocalOf(link.mac as Mac), length: 64, flags: [] });
    }
  }

  /**
   * A router advertisement for this prefix has reached an identity; tells the address formed. The kernel takes one off again that somebody
   * else has, where it keeps one of ours as failed.
   */
  advertise(ifname: string, prefix: Ip6, ...flags: readonly string[]): Ip6 | undefined {
    const link = this.#links.get(ifname);
    if (!link?.up || this.#disabled(ifname)) return undefined;
    const ip = eui64Address(prefix, link.mac as Mac);
    this.onLink.add(`${formatCidr6(networkOf6(prefix, 64))} ${ifname}`);
    if (!this.taken.has(ip)) this.#set({ dev: ifname, ip, length: 64, flags: [...made, ...flags] });
    return ip;
  }

  /** The lifetime of an address has ended. */
  expire(gone: FakeAddress6): void {
    this.#without(gone);
  }

  #set(address: FakeAddress6): void {
    this.addresses = this.addresses.filter((a) => a.dev !== address.dev || a.ip !== address.ip);
    this.addresses.push(address);
  }

  #link(name: string | undefined): FakeLink {
    return this.#links.get(name ?? "") ?? refuse(`Cannot find device "${name}"`);
  }

  #putAddress({ verb, dev, ip = "", length, preferred, nodad, noprefixroute }: Words): void {
    const { ifname } = this.#link(dev);
    if (this.#disabled(ifname)) refuse("Error: ipv6: IPv6 is disabled on this device.");
    const there = this.addresses.find((a) => a.dev === ifname && a.ip === ip);
    if (there && (verb === "add" || there.length !== Number(length)))
      refuse("Error: ipv6: address already assigned.");
    const kept = (there?.flags ?? []).filter((flag) => flag !== "deprecated");
    const failed = !there && this.taken.has(ip) ? ["tentative", "dadfailed"] : [];
    const asked = [nodad, noprefixroute].flatMap((flag) => flag?.trim() ?? []);
    const flags = [...new Set([...asked, ...kept]), ...failed, ...(preferred === "0" ? ["deprecated"] : [])];
    this.#set({ dev: ifname, ip, length: Number(length), flags });
  }

  #deleteAddress({ dev, ip, length }: Words): void {
    const { ifname } = this.#link(dev);
    const there = this.addresses.find((a) => a.dev === ifname && a.ip === ip && a.length === Number(length));
    this.#without(there ?? refuse("Error: ipv6: address not found."));
  }

  /** Routes that named it as their source stay, without it. */
  #without(gone: FakeAddress6): void {
    const { ip } = gone;
    this.addresses = this.addresses.filter((a) => a !== gone);
    this.routes = this.routes.map(({ source, ...rest }) =>
      source === undefined || source === ip ? rest : { ...rest, source },
    );
  }

  #replaceNeighbour({ dev, ip = "", mac = "", protocol = "" }: Words): void {
    const { ifname } = this.#link(dev);
    this.neighbours = this.neighbours.filter((n) => n.dev !== ifname || n.ip !== ip);
    this.neighbours.push({ ip, dev: ifname, mac, protocol });
  }

  #deleteNeighbour({ dev, ip }: Words): void {
    const { ifname } = this.#link(dev);
    const left = this.neighbours.filter((n) => n.dev !== ifname || n.ip !== ip);
    if (left.length === this.neighbours.length) refuse(notFound);
    this.neighbours = left;
  }

  #replaceRoute({ destination = "", from, via, dev, source, table = "", protocol = "" }: Words): void {
    const link = this.#link(dev);
    if (!link.up) refuse(`Error: ${via ? "Nexthop device" : "Device for nexthop"} is not up.`);
    if (this.#disabled(link.ifname)) refuse("Error: IPv6 is disabled on nexthop device.");
    const own = this.addresses.filter((a) => a.dev === link.ifname && isUsable(a));
    const sources = new Set(own.map((a) => a.ip));
    if (source && !sources.has(source)) refuse("Error: Invalid source address.");
    this.routes = this.routes.filter(
      (r) => r.table !== table || r.destination !== destination || r.from !== from,
    );
    const parts = { ...(from ? { from } : {}), ...(via ? { via } : {}), ...(source ? { source } : {}) };
    this.routes.push({ destination, ...parts, dev: link.ifname, table, protocol });
  }

  #addRoute({ destination = "", via, dev, table = "", protocol = "", metric }: Words): void {
    const link = this.#link(dev);
    if (!link.up) refuse("Error: Nexthop device is not up.");
    if (this.#disabled(link.ifname)) refuse("Error: IPv6 is disabled on nexthop device.");
    const gateway = via ? { via } : {};
    this.routes.push({
      destination: destination === "default" ? "::/0" : destination,
      ...gateway,
      dev: link.ifname,
      table,
      protocol,
      metric: Number(metric),
    });
  }

  #deleteRoute({ destination, from, dev, table, protocol }: Words): void {
    const { ifname } = this.#link(dev);
    if (!this.routes.some((r) => r.table === table)) refuse("Error: FIB table does not exist.");
    const at = this.routes.findIndex(
      (r) =>
        [r.destination, r.from, r.dev, r.table, r.protocol].join() ===
        [destination, from, ifname, table, protocol].join(),
    );
    if (at < 0) refuse("RTNETLINK answers: No such process");
    this.routes.splice(at, 1);
  }

  #deleteOnLink({ destination, dev }: Words): void {
    const { ifname } = this.#link(dev);
    if (!this.onLink.delete(`${destination} ${ifname}`)) refuse("RTNETLINK answers: No such process");
  }

  #changeRule({ verb, preference, iif, table = "", without, protocol = "" }: Words): void {
    const rule = {
      preference: Number(preference),
      ...(iif ? { iif } : {}),
      table,
      ...(without ? { without } : {}),
      protocol,
    };
    const likeness = (r: FakeRule6): string => [r.preference, r.iif, r.table, r.without].join();
    const at = this.rules.findIndex((r) => likeness(r) === likeness(rule));
    if (verb === "delete" ? at < 0 : at >= 0)
      refuse(verb === "delete" ? notFound : "RTNETLINK answers: File exists");
    if (verb === "delete") this.rules.splice(at, 1);
    else this.rules = [...this.rules, rule].sort((a, b) => a.preference - b.preference);
  }
}
