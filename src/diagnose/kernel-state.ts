/** Checks 13 and 14 of the original, and others of what the kernel does with packets. */
import { wanAddresses } from "../config/state-device.ts";
import { carriedAddresses, notCarried } from "../plan/carried.ts";
import { identityMac, identityName } from "../plan/marks.ts";
import { forwardingKey } from "../plan/sysctls.ts";
import { startFix } from "./basic-service.ts";
import { type Facts, isUnseen } from "./facts.ts";
import { advice, type Check, mend, note, ok, problem, unseen, type Verdict, warning } from "./finding.ts";
import { type ChainFact, isIncluded, isOurs, ownRules, parseChains, type RuleFact } from "./nft-rules.ts";
import { plural } from "./views.ts";

/** Interfaces that have to forward IPv4: the LAN port, the identities, and a WAN port that is a host of its own. */
export function forwardingInterfaces({
  config,
  kernel,
}: Pick<Facts, "config" | "kernel">): readonly string[] {
  const identities = isUnseen(kernel)
    ? []
    : kernel.resources.flatMap((r) => (r.kind === "identity" ? [r.ifname] : []));
  const wan = config.wan.own_mac === "use" ? [config.wan.interface] : [];
  return [config.lan.interface, ...wan, ...identities];
}

const forwarding: Check = {
  id: "forwarding",
  number: 13,
  area: "network",
  title: "IPv4 is forwarded",
  looksAt:
    "the kernel's `forwarding` of the LAN port and of each identity. IPv6 is not forwarded on purpose: the LAN has none.",
  means: "No packet gets through.",
  remedy: "Turn it on where it is off.",
  run(facts) {
    const { settings, kernel, daemon } = facts;
    const identities = isUnseen(kernel) ? 0 : kernel.resources.filter((r) => r.kind === "identity").length;
    if (daemon.pid === undefined && identities === 0)
      return unseen(
        "The gateway does not run and has no identity here; it turns forwarding on when it starts.",
      );
    const off = forwardingInterfaces(facts).filter((ifname) => settings.get(forwardingKey(ifname)) === "0");
    if (off.length === 0) return ok("The LAN port and all identities forward IPv4.");
    const actions = off.map((ifname) => ({
      kind: "write-setting" as const,
      key: forwardingKey(ifname),
      value: "1",
    }));
    return problem(
      `IPv4 is not forwarded: the kernel's setting is off on ${plural(off.length, "interface")}.`,
      off.map((ifname) => `${forwardingKey(ifname)} = 0`),
      mend(
        "network",
        "Turn it on there.",
        actions,
        ...off.map((i) => `sysctl -w ${forwardingKey(i).replaceAll("/", ".")}=1`),
      ),
    );
  },
};

const ownTable: Check = {
  id: "nftables",
  number: 14,
  area: "network",
  title: "nftables rules in place",
  looksAt:
    "the tables `inet` and `ip6` `ipv4_ipv6_gateway`, and whether they have as many rules as were written.",
  means: "Devices are not translated, and the WAN side is not closed.",
  remedy: "A running gateway writes them again at once; start it.",
  run(facts) {
    const { nftables, kernel, daemon } = facts;
    if (isUnseen(nftables)) return unseen(nftables.unseen);
    const rules = ownRules(nftables);
    const fix =
      daemon.pid === undefined
        ? startFix(facts)
        : advice("network", "The gateway writes them again within seconds; if it does not, restart it.");
    if (rules)
      return rules.there === rules.written
        ? ok(`Our nftables tables are whole (${rules.there} rules).`)
        : problem(
            "Our nftables tables were altered by somebody else.",
            [`${rules.there} rules, of ${rules.written} that were written`],
            fix,
          );
    const carries = isUnseen(kernel) ? false : kernel.resources.some((r) => r.kind === "identity");
    if (daemon.pid === undefined && !carries)
      return unseen("No rules of ours are there, as the gateway does not run.");
    return problem(
      "Our nftables tables are missing: devices are not translated, and the WAN side is not closed.",
      ["another program flushed the ruleset, or deleted the tables"],
      fix,
    );
  },
};

/** Hooks that every forwarded packet passes. */
const hooks = new Set(["prerouting", "forward", "postrouting"]);
const families = new Set(["inet", "ip"]);

interface Blocking {
  readonly chain: ChainFact;
  readonly why: string;
  /** Some rule before may let ours pass. */
  readonly perhaps: boolean;
}

/** Whether a rule is about packets of the LAN to the identities and nothing narrower. */
function concerns({ matches }: RuleFact, lan: string): boolean {
  return matches.every((m) => m === `iifname ${lan}` || m === `iif ${lan}` || /^oifname gw/.test(m));
}

function blockingOf(chain: ChainFact, lan: string): Blocking | undefined {
  if (chain.hook === undefined || !hooks.has(chain.hook) || !families.has(chain.family)) return undefined;
  if (isOurs(chain.table)) return undefined;
  let perhaps = false;
  for (const rule of chain.rules) {
    if (rule.verdict === "jump") perhaps = true;
    if (!concerns(rule, lan)) continue;
    if (rule.verdict === "accept") return undefined;
    if (rule.verdict === "drop" || rule.verdict === "reject") {
      const what = rule.matches.length === 0 ? "everything" : `what matches ${rule.matches.join(" and ")}`;
      return { chain, why: `a rule ${rule.verdict}s ${what}`, perhaps };
    }
  }
  return chain.policy === "drop" ? { chain, why: "its policy is drop", perhaps } : undefined;
}

/**
 * OpenWrt's firewall: its chain lets in what our rules let in (our rule in it says so), and one of its zones lets the LAN out by the identities. What its
 * policy drops then is not ours.
 */
function knowsUs(chain: ChainFact, all: readonly ChainFact[]): boolean {
  if (!chain.rules.some(isIncluded)) return false;
  const zones = all.filter(({ family, table }) => family === chain.family && table === chain.table);
  return zones.some(({ rules }) =>
    rules.some(
      (rule) =>
        rule.verdict === "accept" &&
        !isIncluded(rule) &&
        rule.matches.some((m) => /^oifname .*\bgw\*/.test(m)),
    ),
  );
}

const foreignFirewall: Check = {
  id: "foreign-firewall",
  area: "network",
  title: "no foreign firewall drops",
  looksAt:
    "chains of other nftables tables that forwarded packets pass: their policy, and rules that drop all.",
  means: "Another firewall drops what the devices send, before or after ours.",
  remedy: 'Let the LAN through there: `iifname` of the LAN port and `oifname "gw*"`, and the answers.',
  run({ nftables, config }) {
    if (isUnseen(nftables)) return unseen(nftables.unseen);
    const lan = config.lan.interface;
    const chains = parseChains(nftables);
    const found = chains.flatMap((chain) => {
      const blocking = blockingOf(chain, lan);
      return blocking === undefined || (blocking.perhaps && knowsUs(chain, chains)) ? [] : blocking;
    });
    return found.map(({ chain, why, perhaps }): Verdict => {
      const place = `${chain.family} ${chain.table} ${chain.name}`;
      const fix = advice(
        "network",
        "Let forwarded packets of the LAN, and the answers to them, pass there.",
        ...(chain.hook === "forward"
          ? [
              `nft insert rule ${place} iifname "${lan}" oifname "gw*" accept`,
              `nft insert rule ${place} iifname "gw*" oifname "${lan}" ct state established,related accept`,
            ]
          : []),
      );
      const evidence = [`nft list chain ${place}`, `hook ${chain.hook}: ${why}`];
      return perhaps
        ? note(
            `Another firewall may drop what the devices send: the chain ${place}, unless one that it jumps to accepts it.`,
            evidence,
            fix,
          )
        : problem(`Another firewall drops what the devices send: the chain ${place}.`, evidence, fix);
    });
  },
};

const conntrack: Check = {
  id: "conntrack",
  area: "host",
  title: "room for connections",
  looksAt: "`nf_conntrack_count` against `nf_conntrack_max`.",
  means: "New connections of all devices are dropped at random.",
  remedy: "Raise `net.netfilter.nf_conntrack_max`, and find the device that opens so many.",
  run({ settings }) {
    const count = Number(settings.get("net/netfilter/nf_conntrack_count") ?? Number.NaN);
    const max = Number(settings.get("net/netfilter/nf_conntrack_max") ?? Number.NaN);
    if (Number.isNaN(count) || Number.isNaN(max))
      return unseen("The kernel shows no connection tracking here.");
    const percent = Math.round((count / max) * 100);
    const evidence = [`${count} of ${max} connections (${percent} %)`];
    if (percent < 80) return ok(`${percent} % of the connection table is used.`, evidence);
    const fix = advice(
      "network",
      "Raise the limit, and find out which device opens so many.",
      `sysctl -w net.netfilter.nf_conntrack_max=${max * 2}`,
      "conntrack -L | sort | uniq -c",
    );
    return percent < 95
      ? warning(`The connection table is ${percent} % full.`, evidence, fix)
      : problem(`The connection table is full: new connections are dropped.`, evidence, fix);
  },
};

const identities: Check = {
  id: "identities",
  area: "devices",
  title: "identities in the kernel",
  looksAt: "for each device that works: its interface, whether it is up, and its addresses.",
  means: "Another program removed them, or the gateway could not make them.",
  remedy: "A running gateway puts them back within seconds; else start it.",
  run(facts) {
    const { kernel, state, daemon, config } = facts;
    if (isUnseen(kernel)) return unseen(kernel.unseen);
    if (!kernel.ports.has(config.wan.interface)) return unseen(`There is no port ${config.wan.interface}.`);
    const there = new Map(
      kernel.resources.flatMap((r) => (r.kind === "identity" ? [[r.mac as string, r.up]] : [])),
    );
    const carried = carriedAddresses(kernel);
    const lacking = state.devices
      .filter(({ status }) => status === "active" || status === "inactive")
      .flatMap((device) => {
        const { mac_address } = device;
        const up = there.get(mac_address);
        if (up === undefined) return [`${mac_address}: no interface`];
        if (!up) return [`${mac_address}: its interface is down or not as it should be`];
        const gone = notCarried(carried, identityName(mac_address), wanAddresses(device));
        return gone.length === 0 ? [] : [`${mac_address}: its interface does not carry ${gone.join(", ")}`];
      });
    if (lacking.length === 0) return ok(`${plural(there.size, "identity", "identities")} in the kernel.`);
    const fix =
      daemon.pid === undefined
        ? startFix(facts)
        : advice(
            "network",
            "The gateway puts them back within seconds; its log says what the kernel refuses.",
          );
    return problem(
      `${plural(lacking.length, "device")} of those that work lack their identity in the kernel.`,
      lacking,
      fix,
    );
  },
};

/** Whose name is an identity's and whose parent is not ours. */
export const isIdentity = (ifname: string): boolean => identityMac(ifname) !== undefined;

export const basicKernel: readonly Check[] = [forwarding, ownTable];
export const kernelChecks: readonly Check[] = [foreignFirewall, conntrack, identities];
