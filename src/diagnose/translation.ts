/** 464XLAT: the network's NAT64, and our translator. */
import { formatCidr6 } from "../base/cidr6.ts";
import { isPublicOnly } from "../config/state-network.ts";
import { sourceTable, translatorName } from "../plan/marks.ts";
import { endFix, startFix } from "./basic-service.ts";
import { type EchoFact, type Facts, isUnseen, type Nat64Facts } from "./facts.ts";
import { advice, type Check, type Fix, note, ok, problem, unseen, type Verdict, warning } from "./finding.ts";
import { processText } from "./views.ts";

const answerText = ({ from, kind, isBehind }: EchoFact): string => {
  const words = { reply: "an echo", expired: "end of the way", unreachable: "unreachable" }[kind];
  return `${from}: ${words}${isBehind ? ", from behind the NAT64" : ""}`;
};

/** What the echo requests through it tell; undefined: it lives. */
function deadVerdict(known: string, { mac, target, answers }: Nat64Facts): Verdict | undefined {
  if (answers.some(({ isBehind }) => isBehind)) return undefined;
  const evidence = [`${mac} asked for ${target}`, ...answers.map(answerText)];
  const fix = advice("network", "See whether the NAT64 runs, and the network leads its prefix there.");
  if (answers.some(({ kind }) => kind === "unreachable"))
    return problem(`NAT64 by ${known} does not work: a router says that it leads nowhere.`, evidence, fix);
  return warning(
    `NAT64 by ${known}: nobody behind it answers. It is dead, or lets no ICMP errors through.`,
    answers.length > 0 ? evidence : [...evidence, "no answer of any kind, from no router either"],
    fix,
  );
}

const publicOnly = (known: string, evidence: readonly string[]): Verdict =>
  note(
    `NAT64 by ${known}, which carries public IPv4 addresses only (RFC 6052 section 3.1): devices reach none of 10.0.0.0/8 and the like.`,
    evidence,
  );

const nat64: Check = {
  id: "nat64",
  area: "network",
  title: "NAT64 where there is no IPv4",
  looksAt:
    "on a network without IPv4: `xlat464.prefix`, or the NAT64 prefix that routers announce (PREF64) or name servers tell (RFC 7050); and who answers ICMPv6 echo requests of one identity to an address of AS112 behind it (RFC 7534) that end after a few hops. It cannot see whether TCP and UDP pass, and a NAT64 that translates no ICMP errors looks dead.",
  means: "The devices speak IPv4 alone and nothing translates it: they reach nothing.",
  remedy: "Have the network announce its NAT64 prefix, or set `xlat464.prefix`; see whether the NAT64 runs.",
  run({ config: { xlat464 }, state: { network }, nat64: asked }) {
    if (!network) return unseen("What the network offers is not known yet.");
    const { ipv4, ipv6 } = network;
    const mayHave4 = ipv4.offer === "unknown" && (ipv6.nat64.length === 0 || xlat464.mode === "off");
    if (ipv4.offer === "yes" || mayHave4)
      return ok("The network has IPv4, or may have: NAT64 is not needed.");
    if (ipv6.offer !== "yes") return ok("The network has no IPv6 either: see ipv6-router.");
    if (xlat464.mode === "off")
      return note('The network has IPv6 alone and xlat464.mode is "off": the devices reach nothing by IPv4.');
    const known = xlat464.prefix || ipv6.nat64.map(formatCidr6).join(", ");
    if (!known)
      return problem(
        "The network has IPv6 alone, and its NAT64 prefix is not known: the devices' IPv4 reaches nothing.",
        ["no router announces a PREF64, and no name server makes up addresses", "xlat464.prefix is empty"],
        advice("network", "Have the network announce its NAT64 prefix (RFC 8781), or set xlat464.prefix."),
      );
    const seen = asked === undefined || isUnseen(asked) ? undefined : asked;
    const dead = seen && deadVerdict(known, seen);
    const evidence = asked && isUnseen(asked) ? [asked.unseen] : (seen?.answers.map(answerText) ?? []);
    const found = [...(dead ? [dead] : []), ...(isPublicOnly(ipv6) ? [publicOnly(known, evidence)] : [])];
    if (found.length > 0) return found;
    return ok(`NAT64 by ${known}${seen ? ", and it answers" : ""}.`, evidence);
  },
};

/** Devices whose IPv4 goes by the translator, as the gateway says of them. */
const translated = ({ state }: Facts): number =>
  state.devices.filter(({ reason }) => reason?.includes("its IPv4 goes by 464XLAT")).length;

const again = (facts: Facts, words: string): Fix =>
  facts.daemon.pid === undefined ? startFix(facts) : advice("network", words);

function taygaVerdict(facts: Facts): Verdict {
  const { processes, config } = facts;
  const marker = `--config=${config.state.runtime_directory}/tayga.conf`;
  const mine = processes.filter(({ argv }) => argv.includes(marker));
  if (mine.length === 0)
    return problem(
      `tayga does not run, and ${translatorName} is there: what is translated reaches nothing.`,
      [`no process has ${marker}`],
      again(facts, "The gateway starts it again within seconds; see its log."),
    );
  const stopped = mine.filter(({ isStopped }) => isStopped);
  if (stopped.length === 0) return ok(`tayga translates (process ${mine.map(({ pid }) => pid).join(", ")}).`);
  const pids = stopped.map(({ pid }) => pid);
  return problem(
    "tayga is stopped: what is translated reaches nothing.",
    stopped.map(processText),
    endFix(facts, "tayga", pids),
  );
}

const translator: Check = {
  id: "translator",
  area: "network",
  title: "our translator of 464XLAT lives",
  looksAt:
    "where the interface `xlat464` is there, or devices' IPv4 goes by it: whether it is up with its route to the devices' inner addresses, and whether tayga runs and is not stopped. Jool translates inside the kernel, where only the cable to it is looked at.",
  means:
    "Devices reach nothing by IPv4 on a network without it, and IPv6 clients reach no device that is open as a whole.",
  remedy: "A running gateway starts it again within seconds, unless it hangs: then end it.",
  run(facts) {
    const { kernel, isRoot } = facts;
    if (isUnseen(kernel)) return unseen(kernel.unseen);
    const tunnel = kernel.resources.find((r) => r.kind === "tunnel");
    const count = translated(facts);
    if (!tunnel && count === 0) return ok("Nothing is translated between the families.");
    const fix = again(facts, "The gateway makes it anew within seconds; see its log.");
    if (!tunnel)
      return problem(`There is no interface ${translatorName}: what is translated reaches nothing.`, [], fix);
    if (!tunnel.up) return problem(`${translatorName} is down: what is translated reaches nothing.`, [], fix);
    const isLed = kernel.resources.some(
      (r) => r.kind === "route6" && r.table === sourceTable && r.ifname === translatorName,
    );
    if (!isLed)
      return problem(
        `No route leads to ${translatorName}: answers to what was translated are lost.`,
        [`no route through it in table ${sourceTable}`],
        fix,
      );
    if (tunnel.medium === "veth") return ok(`${translatorName} is up, and leads to Jool.`);
    if (!isRoot) return unseen("Only root sees whether tayga runs.");
    return taygaVerdict(facts);
  },
};

export const translationChecks: readonly Check[] = [nat64, translator];
