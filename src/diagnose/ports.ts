/** The two ports: cables, other programs that manage them, and what the daemon heard there. */
import { portState } from "../plan/port-state.ts";
import { type Facts, isUnseen } from "./facts.ts";
import { advice, type Check, note, ok, problem, unseen, type Verdict } from "./finding.ts";
import { portAddresses, processText, routerMacs, wanClients } from "./views.ts";

const consequence = { wan: "no device reaches the network", lan: "no device reaches the gateway" } as const;

function portVerdict({ config, kernel }: Facts, side: "wan" | "lan"): Verdict {
  if (isUnseen(kernel)) return unseen(kernel.unseen);
  const name = config[side].interface;
  const so = consequence[side];
  const others = [...kernel.ports.keys()].filter((port) => port !== "lo").join(", ");
  switch (portState(kernel.ports.get(name))) {
    case "up":
      return ok(`${name} is up and has carrier.`);
    case "no carrier":
      return problem(
        `${name} has no carrier: ${so}.`,
        [`${name}: set up, no carrier`],
        advice(
          "network",
          "Plug its cable into a device that is switched on, and see the light at both ends.",
        ),
      );
    case "down":
      return problem(
        `${name} is down: ${so}.`,
        [`${name}: not set up`],
        advice("network", "A running gateway sets it up; see who sets it down.", `ip link set ${name} up`),
      );
    case "missing":
      return problem(
        `There is no port ${name}: ${so}.`,
        [`this machine has ${others || "no ports"}`],
        advice("network", `Plug it in, or set ${side}.interface to a port that is there.`),
      );
  }
}

const portCheck = (side: "wan" | "lan"): Check => ({
  id: `${side}-port`,
  area: "ports",
  title: `${side === "wan" ? "WAN" : "LAN"} cable`,
  looksAt: `whether \`${side}.interface\` is there, up, and has carrier.`,
  means: `The cable is out or leads to something that is off: ${consequence[side]}.`,
  remedy: "Plug it in; see the lights at both ends.",
  run: (facts) => portVerdict(facts, side),
});

const managers = /^(NetworkManager|systemd-network(d)?|connmand|dhcpcd|netifd)$/;

const otherManagers: Check = {
  id: "other-managers",
  area: "ports",
  title: "nobody else manages the WAN port",
  looksAt:
    "DHCP clients that name the WAN port, and NetworkManager, systemd-networkd, connman, dhcpcd and netifd together with addresses there.",
  means:
    "Another program puts addresses and routes on the WAN port, or speaks there under the port's own MAC.",
  remedy: "Tell it to leave the port alone.",
  run(facts) {
    const { config, processes, kernel } = facts;
    const port = config.wan.interface;
    const clients = wanClients(facts);
    const running = processes.filter(({ program }) => managers.test(program));
    const addresses = isUnseen(kernel) ? [] : portAddresses(kernel, port);
    if (config.wan.own_mac === "use")
      return ok(`wan.own_mac = "use": ${port} may have a client of its own.`, clients.map(processText));
    const names = [...new Set(running.map(({ program }) => program))].join(", ");
    if (clients.length > 0)
      return problem(
        `Another program asks for an address on ${port}, which is to be silent.`,
        clients.map(processText),
        advice(
          "network",
          `End it and see who started it${names ? ` (${names} runs here)` : ""}; have it leave ${port} alone.`,
          ...clients.map(({ pid }) => `kill ${pid}`),
        ),
      );
    if (running.length === 0) return ok("No other network manager runs.");
    if (addresses.length > 0)
      return problem(
        `${names} runs here and ${port} has addresses that the gateway did not put there.`,
        [...running.map(processText), `${port} carries ${addresses.join(", ")}`],
        advice("network", `Tell it to leave ${port} alone.`, ...unmanage(names, port)),
      );
    return note(`${names} runs here; it leaves ${port} alone so far.`, running.map(processText));
  },
};

const unmanage = (names: string, port: string): readonly string[] =>
  names.includes("NetworkManager") ? [`nmcli device set ${port} managed no`] : [];

interface TroubleWords {
  readonly id: string;
  readonly title: string;
  readonly pattern: RegExp;
  /** In the gateway's own sources. */
  readonly words: string;
  readonly looksAt: string;
  readonly means: string;
  readonly remedy: string;
  readonly command?: string;
}

/** What only the running gateway knows, from who was answered when; each a check of its own. */
export const told: readonly TroubleWords[] = [
  {
    id: "port-security",
    title: "switch port admits all MACs",
    pattern: /port security limit/,
    words: "port security limit",
    looksAt:
      "whether the first devices are answered and none of the later ones, as the running gateway sees it.",
    means: "The switch port admits only so many MAC addresses.",
    remedy: "Have the limit raised, or the MACs registered.",
  },
  {
    id: "port-shut",
    title: "switch port not shut",
    pattern: /err-disabled/,
    words: "err-disabled",
    looksAt: "whether everything fell silent right after a burst of our frames.",
    means: "The switch has shut the port (err-disabled).",
    remedy: 'Enable it there, and use `pacing.profile = "switch-safe"` or smaller numbers.',
  },
  {
    id: "wan-silence",
    title: "somebody speaks on the WAN",
    pattern: /^Nothing has been heard on (?!.*err-disabled)/,
    words: "Nothing has been heard on",
    looksAt: "whether any station of the WAN is heard although the port has carrier.",
    means: "The cable leads nowhere useful, or the switch port still blocks (spanning tree, 802.1X).",
    remedy: "See where the cable leads; have the port configured as an edge port.",
  },
  {
    id: "own-traffic",
    title: "the gateway's own traffic",
    pattern: /own IPv4 traffic is lost/,
    words: "own IPv4 traffic is lost",
    looksAt: "whether a routing rule of others sends the gateway's own traffic through the silent WAN port.",
    means: "The gateway itself reaches neither name servers nor updates.",
    remedy: "Remove that rule (`ip rule`).",
    command: "ip rule",
  },
];

const knows = ({ daemon }: Facts): boolean => daemon.pid !== undefined;

const toldChecks: readonly Check[] = told.map(({ id, title, pattern, looksAt, means, remedy, command }) => ({
  id,
  area: "ports",
  title,
  looksAt,
  means,
  remedy,
  run(facts) {
    const found = facts.daemon.troubles.filter((sentence) => pattern.test(sentence));
    if (found.length === 0 && !knows(facts)) return unseen("Only the running gateway could tell.");
    return found.map((sentence) =>
      problem(
        sentence,
        ["told by the running gateway"],
        advice("network", plain(remedy), ...(command ? [command] : [])),
      ),
    );
  },
}));

const plain = (text: string): string => text.replaceAll("`", "");

const otherTroubles: Check = {
  id: "daemon-troubles",
  area: "service",
  title: "what else the gateway complains of",
  looksAt: "all other sentences of the running gateway's own list of problems.",
  means: "As the sentence says.",
  remedy: "As the sentence says; the log has more.",
  run(facts) {
    if (!knows(facts)) return unseen("The gateway does not run and complains of nothing.");
    const others = facts.daemon.troubles.filter(
      (sentence) => !told.some(({ pattern }) => pattern.test(sentence)),
    );
    return others.map((sentence) =>
      problem(sentence, ["told by the running gateway"], advice("service", "See the gateway's log.")),
    );
  },
};

const joined: Check = {
  id: "lan-wan-joined",
  area: "ports",
  title: "LAN and WAN are separate",
  looksAt:
    "whether the question of an identity on the WAN is heard on the LAN, a router of the WAN is seen there, and MACs refused because they speak on both sides.",
  means: "A cable joins LAN and WAN: devices get addresses past the gateway, and frames may go in circles.",
  remedy: "Find the cable and pull it.",
  run(facts) {
    const { neighbours, config, state, arpAnswers } = facts;
    if (isUnseen(neighbours)) return unseen(neighbours.unseen);
    const back = (isUnseen(arpAnswers) ? [] : arpAnswers)
      .filter(({ cameBack }) => cameBack)
      .map(
        ({ mac, router }) =>
          `${mac} asked for ${router} on the WAN, and was heard on ${config.lan.interface}`,
      );
    const routers = routerMacs(facts);
    const crossed = neighbours
      .filter(({ ifname, mac }) => ifname === config.lan.interface && mac !== undefined && routers.has(mac))
      .map(({ ip, mac }) => `${mac}, a router of the WAN, is at ${ip} on ${config.lan.interface}`);
    const both = state.refused.filter(({ reason }) => reason?.includes("speaking on the WAN side"));
    const alsoRouter = both.filter(({ mac_address }) => routers.has(mac_address));
    const evidence = [...back, ...crossed, ...both.map((d) => `${d.mac_address} speaks on both sides`)];
    if (back.length === 0 && crossed.length === 0 && alsoRouter.length === 0 && both.length < 2)
      return ok("Nothing of the WAN is heard on the LAN.");
    return problem(
      "LAN and WAN are joined by a cable or a switch: what is said on one is heard on the other.",
      evidence,
      advice("network", "Find the cable that joins them and pull it."),
    );
  },
};

export const portChecks: readonly Check[] = [
  portCheck("wan"),
  portCheck("lan"),
  otherManagers,
  ...toldChecks,
  joined,
];
export const complaints: readonly Check[] = [otherTroubles];
