import { routeProtocol } from "../../plan/marks.ts";
import type { KernelEvent } from "../../ports/kernel.ts";

type AddressEvent = Extract<KernelEvent, { kind: "address" }>;

/** The neighbour states that iproute2 prints at the end of a line. */
const neighbourStates: ReadonlySet<string> = new Set([
  "INCOMPLETE",
  "REACHABLE",
  "STALE",
  "DELAY",
  "PROBE",
  "FAILED",
  "NOARP",
  "PERMANENT",
]);

/**
 * One line of `ip monitor link address route rule neigh netconf` -> what changed; undefined for lines that continue another and for those that
 * tell nothing. The state of a neighbour entry that went is "DELETED".
 */
export function parseMonitorLine(line: string): KernelEvent | undefined {
  // rtnl_listen's complaint after ENOBUFS: the kernel had more to say than the socket could hold.
  if (line.startsWith("netlink receive error") || line.startsWith("sender address length"))
    return { kind: "resync" };
  if (line === "" || /^\s/.test(line)) return undefined;
  const gone = line.startsWith("Deleted ");
  const text = gone ? line.slice("Deleted ".length) : line;
  if (/^\d+:\s/.test(text)) return parseNumbered(text, gone);
  const [, changed] = /^inet6? (\S+) (?:forwarding|rp_filter)/.exec(text) ?? [];
  if (changed !== undefined) return { kind: "setting", ifname: changed };
  return parseNeighbour(text, gone) ?? (isRoute(text) ? parseRoute(text, gone) : undefined);
}

export interface TableName {
  readonly family: string;
  readonly name: string;
}

/** One line of `nft monitor`, which names family and table of what was added or deleted. */
export const namesTable = (line: string, { family, name }: TableName): boolean =>
  ` ${line} `.includes(` ${family} ${name} `);

/** What of these tables changed: elements `add element inet TABLE SET { KEY : VALUE }`, or more; undefined when nothing did. */
export function parseNftLine(line: string, tables: readonly TableName[]): KernelEvent | undefined {
  if (!tables.some((table) => namesTable(line, table))) return undefined;
  const [, verb, set = "", elements = ""] =
    /^(add|delete) element \S+ \S+ (\S+) \{ (.*) \}$/.exec(line.trim()) ?? [];
  const keys = elements
    .split(", ")
    .filter((element) => element !== "")
    .map((element) => `element ${set} ${element.split(" : ")[0]?.trim()}`);
  return { kind: "nftables", keys, gone: verb === "delete" };
}

/** `default from 2001:db8::5 via fe80::1 dev gw02005e100001 table 999998 proto 71 metric 1024`. */
function parseRoute(text: string, gone: boolean): KernelEvent {
  const words = text.trim().split(/\s+/);
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const isOurs = after("proto") === String(routeProtocol);
  return {
    kind: "route",
    ifname: after("dev"),
    key: isOurs ? routeKey(words[0] ?? "", after) : undefined,
    gone,
  };
}

/** As resourceKey makes it. */
function routeKey(destination: string, after: (word: string) => string | undefined): string {
  const [from, via, source] = ["from", "via", "src"].map(after);
  const isIpv6 = [destination, from, via, source].some((ip) => ip?.includes(":"));
  const any = isIpv6 ? "::/0" : "0.0.0.0/0";
  const whole = destination === "default" ? any : destination;
  const net = whole.includes("/") ? whole : `${whole}/${isIpv6 ? 128 : 32}`;
  const table = after("table") ?? "main";
  return isIpv6 ? `route6 ${table} ${net} ${from ?? ""}` : `route ${table} ${net}`;
}

/** Links `3: eth1@if2: <UP,…> …`, addresses `3: eth1    inet …`, rules `100:<tab>from …`. */
function parseNumbered(text: string, gone: boolean): KernelEvent | undefined {
  const [, ifname, flags] = /^\d+: ([^\s@:]+)(?:@[^\s:]*)?: <([^>]*)>/.exec(text) ?? [];
  if (ifname !== undefined && flags !== undefined) {
    const names = flags.split(",");
    const up = !gone && names.includes("UP");
    const carrier = !gone && names.includes("LOWER_UP") && !names.includes("NO-CARRIER");
    const [, mtu, group] = / mtu (\d+) .*\bgroup (\S+)/.exec(text) ?? [];
    return { kind: "link", ifname, up, carrier, gone, mtu: Number(mtu), group: group ?? "" };
  }
  const address = parseAddress(text, gone);
  if (address) return address;
  const [, preference] = /^(\d+):\s+(?:not )?(?:from|to|fwmark|iif|oif)\b/.exec(text) ?? [];
  return preference === undefined ? undefined : { kind: "rule", preference: Number(preference), gone };
}

/** `3: gw02005e100001    inet6 2001:db8::1/64 scope global tentative dadfailed dynamic mngtmpaddr`. */
function parseAddress(text: string, gone: boolean): KernelEvent | undefined {
  const [, ifname, version, ip, rest = ""] =
    /^\d+: (\S+)\s+inet(6?) ([^\s/]+)(?:\/\d+)?(.*)$/.exec(text) ?? [];
  if (ifname === undefined || ip === undefined) return undefined;
  const state = addressState(new Set(rest.split(/\s+/)));
  return { kind: "address", ifname, family: version === "6" ? 6 : 4, ip, gone, state };
}

/** An optimistic address is tentative too, and one that failed as well. */
function addressState(flags: ReadonlySet<string>): AddressEvent["state"] {
  if (flags.has("dadfailed")) return "duplicate";
  if (flags.has("deprecated")) return "deprecated";
  return flags.has("tentative") && !flags.has("optimistic") ? "tentative" : "usable";
}

/** `192.0.2.5 dev eth1 lladdr 02:00:5e:10:00:01 router REACHABLE`; without `lladdr` while nobody has answered. */
function parseNeighbour(text: string, gone: boolean): KernelEvent | undefined {
  // Of our own entries the protocol stands behind the state.
  const words = text
    .replace(/ proto \S+\s*$/, "")
    .trim()
    .split(/\s+/);
  const [ip = "", dev, ifname] = words;
  const state = words.at(-1) ?? "";
  if (dev !== "dev" || ifname === undefined || !neighbourStates.has(state)) return undefined;
  const at = words.indexOf("lladdr");
  const mac = at < 0 ? undefined : words[at + 1];
  return { kind: "neighbour", ip, mac, state: gone ? "DELETED" : state, ifname };
}

const isRoute = (text: string): boolean =>
  /^(default|local|broadcast|multicast|anycast|unicast|unreachable|blackhole|prohibit|throw|[0-9a-f:.]+(\/\d+)?)\s/.test(
    text,
  ) && !neighbourStates.has(text.trim().split(/\s+/).at(-1) ?? "");
