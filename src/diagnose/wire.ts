/** Under which MACs frames really leave. */
import { type Facts, isUnseen, type LeavingFacts } from "./facts.ts";
import { advice, type Check, ok, problem, unseen, type Verdict } from "./finding.ts";
import { plural } from "./views.ts";

function strangerVerdict({ config, kernel }: Facts, { strangers }: LeavingFacts): Verdict {
  const port = config.wan.interface;
  const own = isUnseen(kernel) ? undefined : kernel.ports.get(port)?.mac;
  const macs = [...new Set(strangers.map(({ mac }) => mac))];
  const evidence = strangers.map(
    ({ mac, what, frames }) =>
      `${mac}${mac === own ? ` (${port}'s own)` : ""}: ${what}, ${plural(frames, "frame")}`,
  );
  return problem(
    macs.every((mac) => mac === own)
      ? `Frames leave ${port} under its own MAC, which is to be silent: a switch may shut the port.`
      : `Frames leave ${port} under ${plural(macs.length, "MAC")} that no device has: a switch may shut the port.`,
    evidence,
    advice(
      "network",
      `Find the program that uses ${port}, or another interface on top of it, and end it; which one it is cannot be seen in a frame.`,
      "ss --packet --processes",
      `ip -details link show type macvlan`,
    ),
  );
}

const sources: Check = {
  id: "source-macs",
  area: "ports",
  title: "frames leave under the devices' MACs alone",
  looksAt:
    "for 2.5 s the source MAC of all frames that leave the WAN port, against the identities' and, with `wan.own_mac` = `use`, the port's own; and whether the ARP questions of `router-answers` are among them. It cannot see what seldom speaks, which program speaks, what passes by the kernel's taps (XDP, PACKET_QDISC_BYPASS), or whether an identity that has only IPv6 is let out.",
  means:
    "Another program or interface speaks there under a MAC that the network does not know, and its switch may shut the port; or something between the identities and the cable drops what they send.",
  remedy: "End that program, or take the filter away (`nft list hooks`, `tc qdisc`).",
  run(facts) {
    const { leaving, config } = facts;
    if (isUnseen(leaving)) return unseen(leaving.unseen);
    const { strangers, silent, asked, seconds } = leaving;
    const port = config.wan.interface;
    const found: Verdict[] = strangers.length > 0 ? [strangerVerdict(facts, leaving)] : [];
    if (silent.length > 0)
      found.push(
        problem(
          `What ${plural(silent.length, "identity asks does", "identities ask does")} not leave ${port}.`,
          silent.map((mac) => `${mac}: its ARP questions were not seen on ${port}`),
          advice(
            "network",
            "See which filter of another program drops it there, or on the identity.",
            "nft list hooks",
            `tc -statistics filter show dev ${port} egress`,
          ),
        ),
      );
    if (found.length > 0) return found;
    return ok(
      `In ${seconds} s nothing left ${port} under a MAC that no device has${asked.length > 0 ? `, and ${plural(asked.length, "identity", "identities")} got out` : ""}.`,
    );
  },
};

export const wireChecks: readonly Check[] = [sources];
