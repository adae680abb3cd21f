/** What `ip -json` prints of a fake kernel, in the shape of iproute2 6.1. */
import { type FakeIp, type FakeLink, Refused } from "./fake-ip.ts";

type Json = Record<string, unknown>;

/** The answer to the arguments the gateway uses; others are refused loudly. */
export function printIp(ip: FakeIp, args: readonly string[]): Json[] {
  const text = args.join(" ");
  const onLan = /^-4 neighbour show dev (\S+)$/.exec(text);
  const ofProtocol = /^route show table all proto (\d+)$/.exec(text);
  if (/^-4 route get [\d.]+$/.test(text)) return printWay(ip);
  if (text === "link show") return [...ip.links.values()].map(printLink);
  const inGroup = /^link show group (\w+)$/.exec(text)?.[1];
  if (inGroup) return [...ip.links.values()].map((link) => (link.group === inGroup ? printLink(link) : {}));
  if (text === "address show") return printAddresses(ip);
  if (text === "rule show") return ip.rules.map(printRule);
  if (ofProtocol) return ip.routes.filter((r) => r.protocol === ofProtocol[1]).map(printRoute);
  if (text === "neighbour show nud permanent")
    return ip.neighbours.filter((n) => n.state === "PERMANENT").map((n) => printNeighbour(n, true));
  if (onLan) return ip.neighbours.filter((n) => n.dev === onLan[1]).map((n) => printNeighbour(n, false));
  throw new Error(`the fake kernel does not know: ip -json ${text}`);
}

/** Where the gateway's own traffic to a host far away goes; in here nobody has routes in the main table. */
function printWay(ip: FakeIp): Json[] {
  const borrows = ip.rules.some((r) => r.iif === "lo" && r.action === "lookup 999999");
  const route = ip.routes.find((r) => r.table === "999999" && r.destination === "0.0.0.0/0");
  if (!borrows || !route) throw new Refused("RTNETLINK answers: Network is unreachable");
  return [{ dst: "192.0.0.9", dev: route.dev }];
}

function flagsOf(link: FakeLink): string[] {
  const up = link.up ? ["UP"] : [];
  return ["BROADCAST", "MULTICAST", ...up, ...(link.up && link.carrier ? ["LOWER_UP"] : [])];
}

const printLink = (link: FakeLink): Json => ({
  ...(link.parent ? { link: link.parent } : {}),
  ifname: link.ifname,
  flags: flagsOf(link),
  mtu: link.mtu,
  operstate: link.up ? "UP" : "DOWN",
  group: link.group,
  link_type: "ether",
  address: link.mac,
  ...(link.kind === "ethernet" ? {} : { linkinfo: printKind(link.kind) }),
});

const printKind = (kind: "macvlan" | "veth"): Json =>
  kind === "macvlan"
    ? { info_kind: kind, info_data: { mode: "private", bcqueuelen: 10000, usedbcqueuelen: 10000 } }
    : { info_kind: kind };

function printAddresses(ip: FakeIp): Json[] {
  return [...ip.links.values()].flatMap((link) => {
    const own = ip.addresses.filter((a) => a.dev === link.ifname);
    const addr_info = own.map((a) => ({
      family: "inet",
      local: a.ip,
      prefixlen: a.length,
      scope: "global",
      ...(a.metric ? { metric: a.metric } : {}),
      label: link.ifname,
    }));
    return own.length > 0 ? [{ ifname: link.ifname, flags: flagsOf(link), mtu: link.mtu, addr_info }] : [];
  });
}

const printRoute = (r: FakeIp["routes"][number]): Json => ({
  dst: r.destination === "0.0.0.0/0" ? "default" : r.destination.replace(/\/32$/, ""),
  ...(r.via ? { gateway: r.via } : {}),
  dev: r.dev,
  table: r.table,
  ...(r.via ? {} : { scope: "link" }),
  prefsrc: r.source,
  flags: r.via ? ["onlink"] : [],
});

function printRule(rule: FakeIp["rules"][number]): Json {
  const [verb = "", object = "", , group] = rule.action.split(" ");
  const [src = "all", srclen = "32"] = rule.from?.split("/") ?? [];
  const [dst, dstlen = "32"] = rule.to?.split("/") ?? [];
  const [mark, mask] = rule.mark?.split("/") ?? [];
  return {
    priority: rule.preference,
    ...(rule.not ? { not: null } : {}),
    src,
    ...(srclen === "32" ? {} : { srclen: Number(srclen) }),
    ...(dst ? { dst } : {}),
    ...(dst && dstlen !== "32" ? { dstlen: Number(dstlen) } : {}),
    ...(rule.iif ? { iif: rule.iif } : {}),
    ...(rule.mark ? { fwmark: mark, fwmask: mask } : {}),
    ...(verb === "goto" ? { goto: Number(object) } : {}),
    ...(verb === "lookup" ? { table: object } : {}),
    ...(group ? { suppress_ifgroup: group } : {}),
    ...(object === "nop" ? { nop: null } : {}),
    ...(object === "unreachable" ? { action: "unreachable" } : {}),
    ...(rule.protocol ? { protocol: rule.protocol } : {}),
  };
}

/** With `nud` given, real output leaves nothing out; with `dev` given, it leaves out the device. */
const printNeighbour = (n: FakeIp["neighbours"][number], withDevice: boolean): Json => ({
  dst: n.ip,
  ...(withDevice ? { dev: n.dev } : {}),
  lladdr: n.mac,
  state: [n.state],
  ...(n.protocol ? { protocol: n.protocol } : {}),
});
