/** The network around the gateway: routers, name servers, other DHCP servers, NAT64. */
import { formatCidr4 } from "../base/cidr4.ts";
import { formatCidr6 } from "../base/cidr6.ts";
import { clashes } from "../plan/clients-clash.ts";
import { portState } from "../plan/port-state.ts";
import { type ArpFact, isUnseen } from "./facts.ts";
import { advice, type Check, note, ok, problem, unseen, warning } from "./finding.ts";
import { translationChecks } from "./translation.ts";
import { deviceText, plural } from "./views.ts";

const routers: Check = {
  id: "router-answers",
  area: "network",
  title: "the router answers",
  looksAt:
    "an ARP question of up to three identities (with `--probe` of all) to their router, and who answers it.",
  means: "Nobody answers: the router is gone. Some are not answered: their MACs are not admitted.",
  remedy: "See whether the router is on; register the MACs.",
  run({ arpAnswers, kernel }) {
    if (isUnseen(arpAnswers)) return unseen(arpAnswers.unseen);
    if (!isUnseen(kernel) && arpAnswers.length === 0)
      return unseen("No identity has a router by IPv4 to ask.");
    const silent = arpAnswers.filter(({ answers }) => answers.length === 0);
    if (silent.length === 0)
      return ok(
        `${plural(arpAnswers.length, "identity is", "identities are")} answered by their router.`,
        arpAnswers.map(answered),
      );
    const all = silent.length === arpAnswers.length;
    return problem(
      all
        ? "The router answers none of the identities that asked."
        : `The router answers some identities and not ${plural(silent.length, "other")}.`,
      arpAnswers.map(answered),
      advice(
        "network",
        all
          ? "See whether the router is on, and the cable leads to it; have the MACs registered."
          : "Have the MACs that are not answered registered.",
      ),
    );
  },
};

const answered = ({ mac, router, answers }: ArpFact): string =>
  answers.length === 0
    ? `${mac} asked for ${router}: no answer`
    : `${mac} asked for ${router}: ${answers.join(" and ")} answered it`;

const routerNeighbours: Check = {
  id: "router-neighbours",
  area: "network",
  title: "router neighbour entries",
  looksAt:
    "our permanent neighbour entries of the routers against who answers, and entries of identities that failed.",
  means: "Packets go to a MAC where the router is not any more, or to nobody.",
  remedy: "A running gateway notices within seconds; else restart it.",
  run({ kernel, arpAnswers, neighbours }) {
    if (isUnseen(kernel)) return unseen(kernel.unseen);
    const entries = new Map(
      kernel.resources.flatMap((r) =>
        r.kind === "neighbour" ? [[`${r.ifname} ${r.ip}`, r.mac] as const] : [],
      ),
    );
    const wrong = (isUnseen(arpAnswers) ? [] : arpAnswers).flatMap(({ mac, router, answers }) => {
      const entry = entries.get(`gw${mac.replaceAll(":", "")} ${router}`);
      const differs = entry !== undefined && answers.length > 0 && !answers.includes(entry);
      return differs ? [`${router}: entry ${entry}, but ${answers.join(" and ")} answers`] : [];
    });
    const several = (isUnseen(arpAnswers) ? [] : arpAnswers)
      .filter(({ answers }) => answers.length > 1)
      .map(({ router, answers }) => `${router} is claimed by ${answers.join(" and ")}`);
    const failed = (isUnseen(neighbours) ? [] : neighbours)
      .filter(({ ifname, states }) => /^gw[0-9a-f]{12}$/.test(ifname) && states.includes("FAILED"))
      .map(({ ifname, ip }) => `${ip} on ${ifname}: FAILED`);
    const evidence = [...wrong, ...several, ...failed];
    if (wrong.length + several.length === 0)
      return failed.length === 0
        ? ok(`${plural(entries.size, "entry", "entries")} of routers, none of them wrong.`)
        : note("Some neighbours of identities do not answer, as hosts that are off do not.", evidence);
    return warning(
      several.length > 0
        ? "Two stations answer for the router's address."
        : "The router has another MAC than our entries say.",
      evidence,
      advice("network", "Restart the gateway if it does not notice by itself; find the second station."),
    );
  },
};

const ipv6Router: Check = {
  id: "ipv6-router",
  area: "network",
  title: "an IPv6 router",
  looksAt:
    "the routers that advertise themselves, as the running gateway knows them, and prefixes or addresses without one.",
  means: "Devices have IPv6 addresses and no way out, or the network's only family is missing.",
  remedy: "See the router, and whether the switch blocks its advertisements (RA guard).",
  run({ state: { network, devices }, kernel }) {
    if (!network) return unseen("What the network offers is not known yet.");
    const { ipv6, ipv4 } = network;
    if (ipv6.routers.length > 0) return ok(`IPv6 by ${ipv6.routers.join(", ")}.`);
    const addresses = isUnseen(kernel) ? [] : [...kernel.addresses6.values()].flat();
    const left = addresses.filter(({ origin }) => origin === "slaac" || origin === "leased");
    const had = left.length > 0 || ipv6.slaac.length > 0 || devices.some((d) => d.ipv6_address || d.lease6);
    const fix = advice(
      "network",
      "See whether the router is on and advertises itself, and whether the switch lets that through (RA guard).",
    );
    const evidence = [
      "no router advertises itself",
      ...ipv6.slaac.map((prefix) => `prefix ${formatCidr6(prefix)} is still valid`),
      ...left.slice(0, 3).map(({ ip }) => `${ip} is still there`),
    ];
    if (had) return problem("No IPv6 router advertises itself any more: IPv6 has no way out.", evidence, fix);
    if (ipv4.offer === "no")
      return problem("The network has neither IPv4 nor an IPv6 router.", evidence, fix);
    return note("The network has no IPv6 router; devices work by IPv4.");
  },
};

const clientsNetwork: Check = {
  id: "clients-network",
  area: "network",
  title: "the network of IPv6 clients is used nowhere else",
  looksAt: "the WAN addresses that devices were leased, against `forwards.clients`.",
  means: "While a device is open to IPv6 clients, devices do not reach hosts of that network.",
  remedy: "Set `forwards.clients` to a network that is used nowhere.",
  run({ config: { forwards }, state: { devices } }) {
    const net = formatCidr4(forwards.clients);
    const within = devices.filter(
      ({ lease4 }) =>
        lease4 && clashes(forwards.clients, { ip: lease4.address, length: lease4.prefix_length }),
    );
    if (within.length === 0) return ok(`No WAN address lies in ${net}, where IPv6 clients stand.`);
    return warning(
      `${plural(within.length, "device has a WAN address", "devices have WAN addresses")} that overlap forwards.clients ${net}: devices do not reach hosts there while one is open to IPv6 clients.`,
      within.map((d) => `${deviceText(d)}: ${d.lease4?.address}/${d.lease4?.prefix_length}`),
      advice("service", "Set forwards.clients to a network that is used nowhere, and restart the gateway."),
    );
  },
};

const dns: Check = {
  id: "dns",
  area: "network",
  title: "name servers answer",
  looksAt:
    "one question to each name server that the network named (with `lan.dhcp` off: up to four of those in the leases of devices.json), and to our own on the LAN.",
  means: "Devices resolve no names.",
  remedy: "See the servers; on the LAN, dnsmasq.",
  run({ resolvers, daemon, kernel, config }) {
    const wan = config.wan.interface;
    if (!isUnseen(kernel) && portState(kernel.ports.get(wan)) !== "up")
      return unseen(`${wan} is not up: no name server of the network can be asked.`);
    const upstream = resolvers.filter(({ kind }) => kind === "upstream");
    const silent = resolvers.filter(({ failure }) => failure !== undefined);
    const evidence = resolvers.map(({ address, failure }) => `${address}: ${failure ?? "answers"}`);
    if (resolvers.length === 0)
      return daemon.pid === undefined
        ? unseen("No name servers are known while the gateway does not run.")
        : note("The network named no name servers, as far as they can be asked.");
    if (silent.length === 0) return ok(`${plural(resolvers.length, "name server")} answered.`, evidence);
    const own = silent.some(({ kind }) => kind === "own");
    const dead = upstream.filter(({ failure }) => failure !== undefined);
    const fix = advice(
      "network",
      own
        ? "See whether dnsmasq runs (dnsmasq-runs)."
        : "See these servers, and whether the gateway's own traffic gets out.",
    );
    if (own && dead.length === 0)
      return problem("The gateway's own name server on the LAN does not answer.", evidence, fix);
    if (dead.length < upstream.length)
      return note(
        `${plural(dead.length, "name server")} of the network did not answer; others do.`,
        evidence,
      );
    return problem("No name server of the network answers.", evidence, fix);
  },
};

const secondDhcp: Check = {
  id: "second-dhcp-server",
  area: "network",
  title: "one DHCP server on the LAN",
  looksAt: "who answers a DHCPDISCOVER of the LAN port, besides this machine.",
  means: "Devices get addresses and a router that are not the gateway's, at random.",
  remedy: "Switch the other server off, or `lan.dhcp`.",
  run({ dhcpOffers, config }) {
    if (isUnseen(dhcpOffers)) return unseen(dhcpOffers.unseen);
    if (dhcpOffers.length === 0) return ok("Nobody else serves DHCP on the LAN.");
    const evidence = dhcpOffers.map(({ server, mac, offered }) => `${server} (${mac}) offered ${offered}`);
    if (!config.lan.dhcp)
      return note("lan.dhcp is off, and another machine of the LAN serves DHCP.", evidence);
    return problem(
      "Another DHCP server answers on the LAN: devices get a router that is not the gateway, at random.",
      evidence,
      advice(
        "network",
        "Find that machine (often an access point or a second router) and switch its DHCP server off.",
      ),
    );
  },
};

const rivals: Check = {
  id: "rival-identities",
  area: "devices",
  title: "nobody else uses the devices' addresses",
  looksAt:
    "duplicates that the kernel found (DAD), conflicts that the gateway tells of, and who speaks under an identity's address while it asks.",
  means: "Another station has the address, or a second gateway serves the same devices.",
  remedy: "Find the other station by its MAC; a device must be behind one gateway only.",
  run({ kernel, state, arpAnswers }) {
    const duplicates = isUnseen(kernel)
      ? []
      : [...kernel.addresses6].flatMap(([ifname, facts]) =>
          facts.flatMap(({ ip, state: s }) =>
            s === "duplicate" ? [`${ip} on ${ifname} is used by another host (DAD)`] : [],
          ),
        );
    const told = [...state.devices, ...state.refused]
      .filter(({ reason }) =>
        /another host uses|is in use by|address declined|also used by/.test(reason ?? ""),
      )
      .map((d) => `${d.mac_address}: ${d.reason}`);
    const heard = (isUnseen(arpAnswers) ? [] : arpAnswers).flatMap(({ ip, mac, rivals: macs }) =>
      macs.map((m) => `${ip} of ${mac} is claimed by ${m}`),
    );
    const evidence = [...new Set([...duplicates, ...told, ...heard])];
    if (evidence.length === 0) return ok("No conflict over an address is known.");
    return problem(
      "Another station uses the address of a device, or the device's MAC is used twice.",
      evidence,
      advice("network", "Find the other station by its MAC; a device may be behind one gateway only."),
    );
  },
};

export const networkChecks: readonly Check[] = [
  routers,
  routerNeighbours,
  ipv6Router,
  ...translationChecks,
  clientsNetwork,
  dns,
  secondDhcp,
];
export const conflictChecks: readonly Check[] = [rivals];
