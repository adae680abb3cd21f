/** What `ip -6 -json` prints of a fake kernel, in the shape of iproute2 6.1. */
import { type Ip6, isLinkLocal } from "../../src/base/ip6.ts";
import type { FakeAddress6, FakeIp6, FakeNeighbour6, FakeRoute6, FakeRule6 } from "./fake-ip6.ts";

type Json = Record<string, unknown>;

/** The answer to the arguments the gateway uses; others are refused loudly. */
export function printIp6(ip: FakeIp6, args: readonly string[]): Json[] {
  const text = args.join(" ");
  const ofProtocol = /^route show table all proto (\d+)$/.exec(text);
  const ofDevice = /^(address show|route show table all) dev (\S+)$/.exec(text);
  if (text === "address show") return printAddresses(ip.addresses);
  if (ofDevice?.[1] === "address show")
    return printAddresses(ip.addresses.filter((a) => a.dev === ofDevice[2]));
  if (ofDevice) return ip.routes.filter((r) => r.dev === ofDevice[2]).map(printRoute);
  if (text === "rule show") return ip.rules.map(printRule);
  if (ofProtocol) return ip.routes.filter((r) => r.protocol === ofProtocol[1]).map(printRoute);
  if (text === "neighbour show nud permanent") return ip.neighbours.map(printNeighbour);
  throw new Error(`the fake kernel does not know: ip -6 -json ${text}`);
}

function printAddresses(addresses: readonly FakeAddress6[]): Json[] {
  const byLink = new Map<string, Json[]>();
  for (const { dev, ip, length, flags } of addresses) {
    const infos = byLink.get(dev) ?? [];
    byLink.set(dev, infos);
    infos.push({
      family: "inet6",
      local: ip,
      prefixlen: length,
      scope: isLinkLocal(ip as Ip6) ? "link" : "global",
      ...Object.fromEntries(flags.map((flag) => [flag, true])),
      valid_life_time: flags.includes("dynamic") ? 3600 : 4_294_967_295,
    });
  }
  return [...byLink].map(([ifname, addr_info]) => ({ ifname, addr_info }));
}

const printRoute = (r: FakeRoute6): Json => ({
  type: "unicast",
  dst: r.destination === "::/0" ? "default" : r.destination.replace(/\/128$/, ""),
  ...(r.from ? { from: r.from.replace(/\/128$/, "") } : {}),
  ...(r.via ? { gateway: r.via } : {}),
  dev: r.dev,
  table: r.table,
  protocol: r.protocol,
  ...(r.source ? { prefsrc: r.source } : {}),
  metric: r.metric ?? 1024,
  flags: [],
});

const printRule = (rule: FakeRule6): Json => ({
  priority: rule.preference,
  src: "all",
  ...(rule.iif ? { iif: rule.iif } : {}),
  table: rule.table,
  ...(rule.without ? { suppress_ifgroup: rule.without } : {}),
  protocol: rule.protocol,
});

const printNeighbour = (n: FakeNeighbour6): Json => ({
  dst: n.ip,
  dev: n.dev,
  lladdr: n.mac,
  state: ["PERMANENT"],
  protocol: n.protocol,
});
