/** `gateway device`: all of one device. */
import type { DeviceDetailJson } from "../api/contract.ts";
import type { Duration } from "../base/time.ts";
import { printable } from "../config/quote.ts";
import { wallOf } from "./api-view.ts";
import type { RenderOptions } from "./direct.ts";
import { statusStyles } from "./direct.ts";
import { areToday, happening, momentText } from "./happenings.ts";
import { longSpan, padTo, type Style, sinceWall, styled, wrap } from "./text.ts";

type Fact = readonly [label: string, text: string, style?: Style];

export function renderDevice(detail: DeviceDetailJson, options: RenderOptions): string {
  const { color, width, now } = options;
  const title = [detail.mac_address, detail.hostname].filter((text) => text !== null).map(printable);
  const facts: readonly Fact[] = [
    ["status", statusText(detail, options), statusStyles[detail.status]],
    ...(detail.reason === null || detail.status === "active" ? [] : [["", detail.reason] as const]),
    ["LAN", detail.ipv4_address ?? "no address"],
    ["interface", detail.counters ? detail.interface : `${detail.interface}, not there`],
    ...lease4Facts(detail, options),
    ...lease6Facts(detail, options),
    ...(detail.counters ? [["traffic", trafficText(detail.counters)] as const] : []),
    ["forwards", forwardsText(detail)],
    ["inbound", inboundText(detail)],
  ];
  const lines = facts.flatMap(([label, text, style]) =>
    wrap(text, width - 13, "").map(
      (line, i) => `  ${padTo(i === 0 ? label : "", 11)}${styled(line, style, color)}`,
    ),
  );
  const dated = !areToday(
    detail.timeline.map(({ at }) => at),
    now,
  );
  const history = detail.timeline.flatMap((entry) => {
    const time = momentText(entry.at, dated);
    return wrap(happening(entry), width - time.length - 4, "").map(
      (line, i) => `  ${i === 0 ? time : " ".repeat(time.length)}  ${line}`,
    );
  });
  const heading = styled("What happened", "bold", color);
  return `${[
    styled(title.join("  "), "bold", color),
    ...lines,
    ...(history.length > 0 ? ["", heading, ...history] : []),
  ].join("\n")}\n`;
}

function statusText({ status, last_seen, discovered_at }: DeviceDetailJson, { now }: RenderOptions): string {
  const ago = (text: string | null): string | undefined => {
    const then = wallOf(text);
    const span = then === null ? undefined : sinceWall(then, now);
    return span === undefined ? undefined : longSpan(span);
  };
  const seen = ago(last_seen);
  const known = ago(discovered_at);
  return [status, seen && `seen ${seen} ago`, known && `known for ${known}`].filter(Boolean).join(", ");
}

function lease4Facts({ lease4, ipv4_wan_address }: DeviceDetailJson, options: RenderOptions): Fact[] {
  if (!lease4) return [["WAN IPv4", ipv4_wan_address ?? "none"]];
  const { address, prefix_length, server_id, server_mac, routes, dns_servers } = lease4;
  const routers = [...new Set(routes.map(({ router }) => router))];
  return [
    ["WAN IPv4", `${address}/${prefix_length} by DHCP from ${server_id} (${server_mac})`],
    ...timesFacts(lease4, lease4.expires_at, options),
    ["", `router ${listed(routers)}; name servers ${listed(dns_servers)}`],
  ];
}

function lease6Facts({ lease6, ipv6_address }: DeviceDetailJson, options: RenderOptions): Fact[] {
  const leased = new Set(lease6?.addresses.map(({ address }) => address));
  const own = (ipv6_address ?? "").split(",").filter((ip) => ip !== "" && !leased.has(ip));
  const facts: Fact[] = own.map((ip, i) => [i === 0 ? "WAN IPv6" : "", `${ip} by SLAAC`]);
  if (!lease6) return facts.length > 0 ? facts : [["WAN IPv6", "none"]];
  for (const { address } of lease6.addresses)
    facts.push([facts.length === 0 ? "WAN IPv6" : "", `${address} by DHCPv6`]);
  const ends = lease6.addresses.map(({ valid_until }) => valid_until);
  return [
    ...facts,
    ...timesFacts(lease6, ends.includes(null) ? null : (ends.sort()[0] ?? null), options),
    ["", `server ${lease6.server_id}; name servers ${listed(lease6.dns_servers)}`],
  ];
}

interface Times {
  readonly acquired_at: string;
  readonly renew_at: string | null;
  readonly rebind_at: string | null;
}

/** `obtained 3 min ago, expires in 57 min`, and `renews in 27 min (T1), rebinds in 49 min (T2)`. */
function timesFacts(times: Times, ends: string | null, { now }: RenderOptions): readonly Fact[] {
  const at = wallOf(times.acquired_at);
  const since = at === null ? undefined : sinceWall(at, now);
  const until = (what: string, text: string | null): string => {
    const then = wallOf(text);
    if (then === null) return `never ${what}`;
    return then < now ? `${what} now` : `${what} in ${longSpan((then - now) as Duration)}`;
  };
  const obtained = since === undefined ? [] : [`obtained ${longSpan(since)} ago`];
  return [
    ["", [...obtained, until("expires", ends)].join(", ")],
    ["", `${until("renews", times.renew_at)} (T1), ${until("rebinds", times.rebind_at)} (T2)`],
  ];
}

const listed = (texts: readonly string[]): string => texts.join(", ") || "none";

function trafficText(c: NonNullable<DeviceDetailJson["counters"]>): string {
  return `received ${sizeText(c.received_bytes)} in ${c.received_packets} packets, sent ${sizeText(c.sent_bytes)} in ${c.sent_packets}`;
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** Powers of 1000, as `1.2 MB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}

function inboundText({ inbound, inbound_from }: DeviceDetailJson): string {
  if (inbound === "ports") return "these ports alone";
  const everybody = inbound_from.every((net) => net.endsWith("/0"));
  return `every port and ping, from ${everybody && inbound_from.length > 1 ? "everywhere" : inbound_from.join(", ")}`;
}

/** `8080/tcp to its port 80 (closed)`; of an open port, or one that nobody looks at, nothing more is said. */
function forwardsText({ forwards, proxy_check }: DeviceDetailJson): string {
  const ways = forwards.map(
    ({ port, protocol, target, open }) =>
      `${port}/${protocol} to its port ${target}${open === false ? " (closed)" : ""}`,
  );
  const check = proxy_check === "down" ? ["the proxy finds it down"] : [];
  return [...ways, ...check].join(", ") || "none";
}
