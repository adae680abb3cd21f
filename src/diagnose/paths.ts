/** The ways in from end to end: what should lead to the devices, against what stands in nftables and in HAProxy. */
import { contains, networkOf } from "../base/cidr4.ts";
import type { Ip4 } from "../base/ip4.ts";
import { type Ip6, parseIp6 } from "../base/ip6.ts";
import { openTo } from "../config/inbound-file.ts";
import type { StoredDevice } from "../config/state-device.ts";
import { automaticForwards, planForwards, proxyDevices, type ReachableDevice } from "../plan/forwards.ts";
import { haproxyTables } from "../plan/haproxy-tables.ts";
import { identityName, translatorName } from "../plan/marks.ts";
import { elementsIn, type Observed } from "../plan/observe.ts";
import { autoPorts, exceptionsListener } from "../plan/proxy.ts";
import type { Element } from "../plan/resource.ts";
import type { SetName } from "../plan/sets.ts";
import { startFix } from "./basic-service.ts";
import { type Facts, isUnseen } from "./facts.ts";
import { advice, type Check, type Fix, ok, problem, unseen, type Verdict } from "./finding.ts";
import { ownRules } from "./nft-rules.ts";
import { deviceText, plural } from "./views.ts";

/** Those that the gateway takes: what lies outside the LAN leads nowhere. */
function manualOf({ forwards, config }: Facts) {
  const { ip, length } = config.lan.address;
  const all = forwards === undefined || isUnseen(forwards) ? [] : forwards;
  return all.filter(({ address }) => address !== ip && contains(networkOf(ip, length), address));
}

/** Of a device's addresses those that its identity carries; the others are told by `identities`. */
function carriedBy(kernel: Observed, device: StoredDevice) {
  const ifname = identityName(device.mac_address);
  const four = kernel.resources.flatMap((r) => (r.kind === "address" && r.ifname === ifname ? [r.ip] : []));
  const six = (kernel.addresses6.get(ifname) ?? []).flatMap(({ ip, state }) =>
    state === "usable" || state === "deprecated" ? [ip] : [],
  );
  const listed: readonly Ip6[] = (device.ipv6_address ?? "").split(",").flatMap((text) => {
    const parsed = parseIp6(text.trim());
    return parsed.ok ? [parsed.value] : [];
  });
  return {
    addresses4: four.filter((ip): ip is Ip4 => ip === device.ipv4_wan_address),
    addresses6: listed.filter((ip) => six.includes(ip)),
  };
}

/**
 * Devices that work and what certainly leads to them. Which of several ports of a device was found open is the running gateway's own knowledge, and
 * makes further exceptions.
 */
function reachable(facts: Facts, kernel: Observed): readonly ReachableDevice[] {
  const { config, state, inbound } = facts;
  const manual = manualOf(facts);
  const choices = inbound === undefined || isUnseen(inbound) ? [] : inbound;
  return state.devices
    .filter(({ status }) => status === "active" || status === "inactive")
    .flatMap((device): readonly ReachableDevice[] => {
      const lanIp = device.ipv4_address;
      if (lanIp === null) return [];
      const carried = carriedBy(kernel, device);
      const from = openTo(choices, lanIp, config.forwards.inbound);
      return [
        {
          mac: device.mac_address,
          lanIp,
          auto: config.forwards.auto && config.forwards.ports.length > 0,
          exceptions: manual.filter(({ address }) => address === lanIp),
          ...carried,
          ...(from.length > 0 ? { open: { from, ...carried } } : {}),
        },
      ];
    });
}

/** Networks that may reach an open device are joined by the kernel, and not compared. */
const notCompared: ReadonlySet<SetName> = new Set(["open4", "open6"]);

const purposes: Partial<Record<SetName, string>> = {
  device4: "the ports of forwards.ports by IPv4",
  forward4: "a forward by IPv4",
  lan4: "a manual forward, for the LAN",
  reach6: "the ports of forwards.ports by IPv6",
  forward6: "a forward by IPv6",
  target4: "the open device by IPv4",
  target6: "the open device by IPv6",
};

const keyOf = ({ set, key }: Element): string => `${set} ${key}`;

function elementProblems(wanted: readonly Element[], there: readonly Element[]): readonly string[] {
  const found = new Map(there.map((element) => [keyOf(element), element]));
  return wanted.flatMap((element) => {
    const { set, key, value } = element;
    const now = found.get(keyOf(element));
    const name = `${set} { ${key}${value === undefined ? "" : ` : ${value}`} } (${purposes[set] ?? set})`;
    if (now === undefined) return [`${name} is missing`];
    return now.value === value ? [] : [`${name} leads to ${now.value} instead`];
  });
}

const repair = (facts: Facts, words: string): Fix =>
  facts.daemon.pid === undefined ? startFix(facts) : advice("service", words);

const inKernel: Check = {
  id: "ways-in-kernel",
  area: "ways in",
  title: "forwards stand in the kernel",
  looksAt:
    "for each device that works, and each manual forward of TCP and UDP: its elements in the sets and maps of our nftables table, against configuration, forwards.json, inbound.json and the addresses of the identities. It cannot see which of several ports of a device the gateway has chosen, or whether a packet really passes: from the gateway itself none takes this way.",
  means: "Somebody removed or changed an element: a port of a device leads nowhere, or to another device.",
  remedy: "A running gateway puts it back within seconds; else start it.",
  run(facts) {
    const { nftables, kernel } = facts;
    if (isUnseen(nftables)) return unseen(nftables.unseen);
    if (isUnseen(kernel)) return unseen(kernel.unseen);
    if (!ownRules(nftables)) return unseen("Our nftables tables are not there: see nftables.");
    const hasTranslator = kernel.resources.some((r) => r.kind === "tunnel" && r.ifname === translatorName);
    const wanted = planForwards(reachable(facts, kernel), manualOf(facts)).filter(
      ({ set }) => !notCompared.has(set) && (set !== "target6" || hasTranslator),
    );
    const wrong = elementProblems(wanted, elementsIn(nftables));
    if (wrong.length === 0)
      return ok(`${plural(wanted.length, "element")} of forwards in the kernel, each as it should be.`);
    return problem(
      `${plural(wrong.length, "forward is", "forwards are")} not in the kernel as configured: what they lead to is not reached.`,
      wrong,
      repair(facts, "The gateway puts them back within seconds; if it does not, restart it."),
    );
  },
};

function proxyProblems(
  facts: Facts,
  kernel: Observed,
): { wrong: readonly string[]; addresses: number } | Verdict {
  const { proxy, config, state } = facts;
  if (proxy.kind !== "haproxy" || proxy.pids.length === 0) return ok("HAProxy is not in use here.");
  if (proxy.tables === undefined) return unseen("HAProxy does not answer: see proxy.");
  if (isUnseen(proxy.tables)) return unseen(proxy.tables.unseen);
  const { servers, devices, ports } = proxy.tables;
  const auto = config.forwards.auto
    ? automaticForwards(
        config.forwards.ports.map(({ port, devicePorts }) => ({ port, targets: devicePorts })),
      )
    : [];
  const wanted = haproxyTables({
    ports: autoPorts(auto.map(({ port, targets: [target = port] }) => ({ port, target }))),
    exceptionsListener,
    devices: proxyDevices(reachable(facts, kernel)),
    sendProxy: config.proxy.send_proxy,
  });
  const named = new Map(
    state.devices.map((d) => [`device_${d.mac_address.replaceAll(":", "")}`, deviceText(d)]),
  );
  const name = (server: string): string => named.get(server) ?? server;
  const wrong = [
    ...[...wanted.servers].flatMap(([server, { address }]) => {
      const now = servers.get(server);
      if (now === undefined) return [`${name(server)}: HAProxy has no server for it`];
      if (now.address !== address) return [`${name(server)}: its server leads to ${now.address}`];
      return now.ready ? [] : [`${name(server)}: its server is in maintenance`];
    }),
    ...[...wanted.devices].flatMap(([ip, server]) => {
      const now = devices.get(ip);
      if (now === server) return [];
      return [`${ip} of ${name(server)}: ${now === undefined ? "in no map" : `leads to ${name(now)}`}`];
    }),
    ...[...wanted.ports].flatMap(([key, target]) => {
      const now = ports.get(key);
      const [server = "", port] = key.split(":");
      if (now === String(target)) return [];
      return [`port ${port} of ${name(server)}: ${now === undefined ? "in no map" : `leads to port ${now}`}`];
    }),
  ];
  return { wrong, addresses: wanted.devices.size };
}

const inProxy: Check = {
  id: "ways-in-proxy",
  area: "ways in",
  title: "the IPv6 proxy knows the devices",
  looksAt:
    "HAProxy's servers and maps by its runtime socket: for each device that works its LAN address, its IPv6 addresses, and the ports of manual forwards. It cannot see whether a connection really passes: nobody but a client on the WAN takes this way.",
  means: "Clients at that IPv6 address are refused, or reach another device or port.",
  remedy: "A running gateway puts it right within a minute; else start it.",
  run(facts) {
    const { kernel, isRoot } = facts;
    if (!isRoot) return unseen("Only root can look at the proxy.");
    if (isUnseen(kernel)) return unseen(kernel.unseen);
    const found = proxyProblems(facts, kernel);
    if ("severity" in found) return found;
    if (found.wrong.length === 0)
      return ok(`HAProxy leads ${plural(found.addresses, "address", "addresses")} to their devices.`);
    return problem(
      "HAProxy does not lead to the devices as configured: IPv6 clients do not reach them, or reach others.",
      found.wrong,
      repair(facts, "The gateway puts it right within a minute; if it does not, restart it."),
    );
  },
};

export const pathChecks: readonly Check[] = [inKernel, inProxy];
