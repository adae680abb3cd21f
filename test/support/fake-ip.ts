/**
 * The links, addresses, routes, rules and neighbours of a kernel in memory, spoken to in the `ip -batch` lines that the
 * gateway writes. What it does not know it refuses loudly. Messages are those of iproute2 6.1 on Linux 6.18.
 */

export interface FakeLink {
  readonly ifname: string;
  readonly mac: string;
  mtu: number;
  up: boolean;
  group: string;
  carrier: boolean;
  /** `ethernet`: of no kind, as a network card. */
  readonly kind: "veth" | "macvlan" | "ethernet";
  readonly parent?: string;
}
interface FakeAddress {
  readonly dev: string;
  readonly ip: string;
  readonly length: number;
  readonly metric?: number;
}
interface FakeRoute {
  readonly destination: string;
  readonly via?: string;
  readonly dev: string;
  readonly source: string;
  readonly table: string;
  readonly protocol: string;
}
interface FakeRule {
  readonly preference: number;
  readonly not: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  readonly mark?: string;
  readonly action: string;
  readonly protocol?: string;
}
interface FakeNeighbour {
  readonly ip: string;
  readonly dev: string;
  readonly mac: string;
  readonly state: string;
  readonly protocol?: string;
}

export type Change = "link" | "address" | "route" | "rule" | "neighbour";

/** The kernel's or iproute2's complaint about one line. */
export class Refused extends Error {}
export const refuse = (message: string): never => {
  throw new Refused(message);
};
const fileExists = "RTNETLINK answers: File exists";
const notFound = "RTNETLINK answers: No such file or directory";

const mainRules: readonly FakeRule[] = [
  { preference: 0, not: false, action: "lookup local" },
  { preference: 32766, not: false, action: "lookup main" },
  { preference: 32767, not: false, action: "lookup default" },
];

/** Lines that are understood, what each changes, and how. */
export type Grammar = readonly (readonly [RegExp, Change, (w: Words) => void])[];

/** Carries out one line; throws Refused. Tells what changed and where. */
export function runLine(
  grammar: Grammar,
  line: string,
): { readonly change: Change; readonly dev: string; readonly ip: string } {
  for (const [pattern, change, task] of grammar) {
    const words = pattern.exec(line)?.groups;
    if (words) {
      task(words as Words);
      const { dev, name = "", ip = "" } = words as Words;
      return { change, dev: dev ?? name, ip };
    }
  }
  throw new Error(`the fake kernel does not know: ip ${line}`);
}

export class FakeIp {
  readonly links = new Map<string, FakeLink>();
  addresses: FakeAddress[] = [];
  routes: FakeRoute[] = [];
  rules: FakeRule[] = [...mainRules];
  neighbours: FakeNeighbour[] = [];
  /** Called when a link has come or gone. */
  onLink: (ifname: string, there: boolean) => void = () => {};
  /** Called when a link was set up or down. */
  onState: (ifname: string, up: boolean) => void = () => {};

  readonly grammar: Grammar = [
    [
      /^link add link (?<parent>\S+) name (?<name>\S+) address (?<mac>\S+) mtu (?<mtu>\d+) group (?<group>\w+) type macvlan mode private bcqueuelen 10000$/,
      "link",
      (w) => this.#addMacvlan(w),
    ],
    [/^link set dev (?<dev>\S+) (?<state>up|down)$/, "link", (w) => this.#setState(w)],
    [/^link set dev (?<dev>\S+) mtu (?<mtu>\d+)$/, "link", (w) => this.#setMtu(w)],
    [
      /^link set dev (?<dev>\S+) group (?<group>\w+)$/,
      "link",
      ({ dev, group = "" }) => {
        this.#link(dev).group = group;
      },
    ],
    [/^link delete dev (?<dev>\S+)$/, "link", ({ dev }) => this.#deleteLink(this.#link(dev).ifname)],
    [/^link delete group (?<group>\w+)$/, "link", ({ group = "" }) => this.#deleteGroup(group)],
    [
      /^address add (?<ip>[\d.]+)\/(?<length>\d+) dev (?<dev>\S+)(?: noprefixroute| metric (?<metric>\d+))?$/,
      "address",
      (w) => this.#addAddress(w),
    ],
    [
      /^address delete (?<ip>[\d.]+)\/(?<length>\d+) dev (?<dev>\S+)$/,
      "address",
      (w) => this.#deleteAddress(w),
    ],
    [
      /^neighbour replace (?<ip>[\d.]+) lladdr (?<mac>\S+) dev (?<dev>\S+) nud (?<state>permanent|reachable|stale)(?: protocol (?<protocol>\d+))?$/,
      "neighbour",
      (w) => this.#replaceNeighbour(w),
    ],
    [/^neighbour delete (?<ip>[\d.]+) dev (?<dev>\S+)$/, "neighbour", (w) => this.#deleteNeighbour(w)],
    [
      /^route replace (?<destination>\S+) (?:via (?<via>\S+) dev (?<dev>\S+) onlink|dev (?<onlink>\S+) scope link) src (?<source>\S+) table (?<table>\d+) protocol (?<protocol>\d+)$/,
      "route",
      (w) => this.#replaceRoute(w),
    ],
    [
      /^route delete (?<destination>\S+) dev (?<dev>\S+) table (?<table>\d+) protocol (?<protocol>\d+)$/,
      "route",
      (w) => this.#deleteRoute(w),
    ],
    [
      /^rule (?<verb>add|delete) pref (?<preference>\d+)(?<not> not)?(?: from (?<from>\S+))?(?: to (?<to>\S+))?(?: iif (?<iif>\S+))?(?: fwmark (?<mark>\S+))? (?<action>goto \d+|lookup \w+(?: suppress_ifgroup \d+)?|type unreachable|type nop)(?: protocol (?<protocol>\d+))?$/,
      "rule",
      (w) => this.#changeRule(w),
    ],
  ];

  #link(name: string | undefined): FakeLink {
    return this.links.get(name ?? "") ?? refuse(`Cannot find device "${name}"`);
  }

  #addMacvlan({ parent, name = "", mac = "", mtu, group = "" }: Words): void {
    const lower = this.#link(parent);
    if (this.links.has(name)) refuse(fileExists);
    if (Number.parseInt(mac.slice(0, 2), 16) & 1)
      refuse("RTNETLINK answers: Cannot assign requested address");
    if (Number(mtu) > lower.mtu) refuse("RTNETLINK answers: Invalid argument");
    this.addLink({
      ifname: name,
      mac,
      mtu: Number(mtu),
      up: false,
      group,
      carrier: true,
      kind: "macvlan",
      parent: lower.ifname,
    });
  }

  addLink(link: FakeLink): void {
    this.links.set(link.ifname, link);
    this.onLink(link.ifname, true);
  }

  /** Taking a link down costs it its routes and neighbours; its addresses stay. */
  #setState({ dev, state }: Words): void {
    const link = this.#link(dev);
    link.up = state === "up";
    this.onState(link.ifname, link.up);
    if (link.up) return;
    this.routes = this.routes.filter((r) => r.dev !== dev);
    this.neighbours = this.neighbours.filter((n) => n.dev !== dev);
  }

  #setMtu({ dev, mtu }: Words): void {
    const link = this.#link(dev);
    if (link.parent && Number(mtu) > this.#link(link.parent).mtu)
      refuse("RTNETLINK answers: Invalid argument");
    link.mtu = Number(mtu);
    for (const child of this.links.values())
      if (child.parent === dev) child.mtu = Math.min(child.mtu, link.mtu);
  }

  #deleteLink(name: string): void {
    for (const child of this.links.values()) if (child.parent === name) this.#deleteLink(child.ifname);
    this.links.delete(name);
    this.addresses = this.addresses.filter((a) => a.dev !== name);
    this.routes = this.routes.filter((r) => r.dev !== name);
    this.neighbours = this.neighbours.filter((n) => n.dev !== name);
    this.onState(name, false);
    this.onLink(name, false);
  }

  /** All or none: the kernel asks each first whether its kind can be deleted at all. */
  #deleteGroup(group: string): void {
    const members = [...this.links.values()].filter((link) => link.group === group);
    if (members.length === 0) refuse("RTNETLINK answers: No such device");
    if (members.some(({ kind }) => kind === "ethernet")) refuse("RTNETLINK answers: Operation not supported");
    for (const { ifname } of members) this.#deleteLink(ifname);
  }

  #addAddress({ dev, ip = "", length, metric }: Words): void {
    const { ifname } = this.#link(dev);
    if (this.addresses.some((a) => a.dev === ifname && a.ip === ip && a.length === Number(length)))
      refuse("Error: ipv4: Address already assigned.");
    this.addresses.push({
      dev: ifname,
      ip,
      length: Number(length),
      ...(metric ? { metric: Number(metric) } : {}),
    });
  }

  /** Routes that were to leave with this address go as well. */
  #deleteAddress({ dev, ip, length }: Words): void {
    const { ifname } = this.#link(dev);
    const left = this.addresses.filter((a) => a.dev !== ifname || a.ip !== ip || a.length !== Number(length));
    if (left.length === this.addresses.length) refuse("Error: ipv4: Address not found.");
    this.addresses = left;
    if (!left.some((a) => a.ip === ip)) this.routes = this.routes.filter((r) => r.source !== ip);
  }

  #replaceNeighbour({ dev, ip = "", mac = "", state = "", protocol }: Words): void {
    const { ifname } = this.#link(dev);
    this.neighbours = this.neighbours.filter((n) => n.dev !== ifname || n.ip !== ip);
    const by = protocol ? { protocol } : {};
    this.neighbours.push({ ip, dev: ifname, mac, state: state.toUpperCase(), ...by });
  }

  #deleteNeighbour({ dev, ip }: Words): void {
    const { ifname } = this.#link(dev);
    const left = this.neighbours.filter((n) => n.dev !== ifname || n.ip !== ip);
    if (left.length === this.neighbours.length) refuse(notFound);
    this.neighbours = left;
  }

  #replaceRoute({ destination = "", via, dev, onlink, source = "", table = "", protocol = "" }: Words): void {
    const link = this.#link(dev ?? onlink);
    if (!link.up) refuse(`Error: ${via ? "Nexthop device" : "Device for nexthop"} is not up.`);
    if (!this.addresses.some((a) => a.ip === source)) refuse("Error: Invalid prefsrc address.");
    this.routes = this.routes.filter((r) => r.table !== table || r.destination !== destination);
    this.routes.push({
      destination,
      ...(via ? { via } : {}),
      dev: link.ifname,
      source,
      table,
      protocol,
    });
  }

  #deleteRoute({ destination, dev, table, protocol }: Words): void {
    const { ifname } = this.#link(dev);
    if (!this.routes.some((r) => r.table === table)) refuse("Error: FIB table does not exist.");
    const at = this.routes.findIndex(
      (r) =>
        r.destination === destination && r.dev === ifname && r.table === table && r.protocol === protocol,
    );
    if (at < 0) refuse("RTNETLINK answers: No such process");
    this.routes.splice(at, 1);
  }

  /** As in the kernel, the target of a `goto` is no part of what makes two rules the same. */
  #changeRule({ verb, preference, not, from, to, iif, mark, action = "", protocol }: Words): void {
    const rule: FakeRule = {
      preference: Number(preference),
      not: not !== undefined,
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
      ...(iif ? { iif } : {}),
      ...(mark ? { mark } : {}),
      action,
      ...(protocol ? { protocol } : {}),
    };
    const likeness = (r: FakeRule): string =>
      JSON.stringify([
        r.preference,
        r.not,
        r.from,
        r.to,
        r.iif,
        r.mark,
        r.action.replace(/^goto .*/, "goto"),
      ]);
    const at = this.rules.findIndex((r) => likeness(r) === likeness(rule));
    if (verb === "delete") {
      if (at < 0) refuse(notFound);
      this.rules.splice(at, 1);
      return;
    }
    if (at >= 0) refuse(fileExists);
    const behind = this.rules.findIndex((r) => r.preference > rule.preference);
    this.rules.splice(behind < 0 ? this.rules.length : behind, 0, rule);
  }
}

export type Words = Readonly<Partial<Record<string, string>>>;
