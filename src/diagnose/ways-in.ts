/** The ways to the devices: the IPv6 proxy, and the devices' own ports. */

import type { ManualForward } from "../config/forwards-file.ts";
import type { InboundChoice } from "../config/inbound-file.ts";
import { listenerPorts } from "../plan/proxy.ts";
import { endFix } from "./basic-service.ts";
import { type Facts, isUnseen } from "./facts.ts";
import { advice, type Check, note, ok, problem, unseen, type Verdict, warning } from "./finding.ts";
import { deviceText, plural } from "./views.ts";

const hasIpv6 = ({ state }: Facts): boolean =>
  state.devices.some((d) => d.status === "active" && d.ipv6_address && d.ipv4_address);

function proxyVerdict(facts: Facts): Verdict {
  const { proxy, config, daemon, missing, processes, isRoot } = facts;
  // Others' processes and sockets are closed to everybody else.
  if (!isRoot) return unseen("Only root can look at the proxy.");
  if (missing.proxy)
    return problem(`${missing.proxy}.`, [], advice("service", "Install them and restart the gateway."));
  if (!hasIpv6(facts) && proxy.pids.length === 0) return ok("No device has IPv6: no proxy is needed.");
  if (proxy.kind === "none" || proxy.pids.length === 0) {
    if (!config.forwards.auto) return ok("forwards.auto is off, and no proxy runs.");
    if (daemon.pid === undefined) return unseen("No proxy runs, and no gateway that would start it.");
    return problem(
      "No proxy runs: IPv6 clients cannot reach the devices.",
      [],
      advice("service", "See the gateway's log; it starts the proxy again by itself."),
    );
  }
  const stopped = processes.filter((p) => proxy.pids.includes(p.pid) && p.isStopped).map(({ pid }) => pid);
  if (stopped.length === 0 && proxy.silence === undefined)
    return ok(`${proxy.kind} runs (${plural(proxy.pids.length, "process", "processes")}) and answers.`);
  const evidence = [
    `${proxy.kind}: process ${proxy.pids.join(", ")}`,
    ...(stopped.length > 0 ? [`stopped: process ${stopped.join(", ")}`] : []),
    ...(proxy.silence ? [proxy.silence] : []),
  ];
  return problem(
    `${proxy.kind} hangs: IPv6 clients cannot reach the devices.`,
    evidence,
    endFix(facts, proxy.kind, proxy.pids),
  );
}

const proxyLives: Check = {
  id: "proxy",
  area: "ways in",
  title: "the IPv6 proxy lives",
  looksAt: "the processes of HAProxy or socat, and whether HAProxy's runtime socket answers.",
  means: "IPv6 clients cannot reach the devices.",
  remedy: "End what hangs; a running gateway starts it anew.",
  run: proxyVerdict,
};

const proxyListens: Check = {
  id: "proxy-listens",
  area: "ways in",
  title: "the IPv6 proxy listens",
  looksAt: "HAProxy's listening sockets on ::1, one for each port of `forwards.ports`, and who has them.",
  means: "Another program has one of the ports: that port of the devices does not work over IPv6.",
  remedy: "End the other program.",
  run(facts) {
    const { proxy, config, listeners } = facts;
    if (proxy.kind !== "haproxy" || proxy.pids.length === 0 || !config.forwards.auto || !hasIpv6(facts))
      return ok("HAProxy is not in use here.");
    const wanted = [...listenerPorts(config.forwards.ports.map(({ port }) => ({ port }))).values()];
    const first = Math.min(...wanted);
    const mine = new Set(proxy.pids);
    const there = listeners.filter(({ port }) => port >= first && port < first + 64);
    const foreign = there.filter(({ pid }) => pid !== undefined && !mine.has(pid));
    if (there.length < wanted.length)
      return problem(
        `HAProxy listens on ${there.length} of at least ${wanted.length} ports.`,
        there.map(({ address, port }) => `${address} ${port}`),
        advice("service", "See the gateway's log."),
      );
    if (foreign.length > 0)
      return warning(
        "Another program has a port of the proxy's.",
        foreign.map(
          ({ address, port, program, pid }) => `${address} ${port}: ${program ?? "?"} (process ${pid})`,
        ),
        advice("service", "End that program."),
      );
    return ok(`HAProxy listens on ${plural(there.length, "port")} of ::1.`);
  },
};

const devicePorts: Check = {
  id: "device-ports",
  area: "ways in",
  title: "the devices' ports answer",
  looksAt: "a TCP connection from the gateway to each port of `forwards.ports` of up to 20 active devices.",
  means: "The device serves nothing there, or is off; its forwards lead nowhere.",
  remedy: "See the device.",
  run({ reached, state, config }) {
    if (!config.forwards.auto) return ok("forwards.auto is off.");
    const byMac = new Map<string, boolean>();
    for (const { mac, isOpen, isListed } of reached)
      if (isListed) byMac.set(mac, (byMac.get(mac) ?? false) || isOpen);
    if (byMac.size === 0) return unseen("No active device whose LAN address is known.");
    const closed = state.devices.filter((d) => byMac.get(d.mac_address) === false);
    if (closed.length === 0) return ok(`${plural(byMac.size, "device")} asked; each answers on some port.`);
    return note(
      `${plural(closed.length, "device")} of ${byMac.size} answer${closed.length === 1 ? "s" : ""} on none of the ports of forwards.ports.`,
      closed.map(deviceText),
    );
  },
};

/** Why a forward leads nowhere; `resting`: to a device that is known and not there now. */
function forwardTrouble({ state, reached }: Facts, forward: ManualForward): Dead | undefined {
  const { protocol, port, address, target } = forward;
  const name = `${protocol} ${port} -> ${address}:${target}`;
  const device = state.devices.find((d) => d.ipv4_address === address);
  if (!device) return { resting: false, text: `${name}: no device has ${address}` };
  if (device.status !== "active")
    return { resting: true, text: `${name}: ${deviceText(device)} is ${device.status}, and was not asked` };
  const look = reached.find((r) => r.ip === address && r.port === target);
  return protocol === "tcp" && look && !look.isOpen
    ? { resting: false, text: `${name}: no connection` }
    : undefined;
}

interface Dead {
  readonly resting: boolean;
  readonly text: string;
}

const manualForwards: Check = {
  id: "manual-forwards",
  area: "ways in",
  title: "manual forwards lead somewhere",
  looksAt:
    "forwards.json, the device that has the target address, and a TCP connection from the gateway to the target of each forward to an active device. Of UDP it cannot see whether anybody listens.",
  means: "Nobody has the target address, or nothing listens there; a note: the device is not active.",
  remedy: "See the device, or remove the forward.",
  run(facts) {
    const { forwards } = facts;
    if (forwards === undefined) return ok("There are no manual forwards.");
    if ("unseen" in forwards)
      return problem(
        forwards.unseen,
        ["no manual forward of the file is in force after a restart"],
        advice("service", "Mend the file, or move it away and add the forwards anew."),
      );
    const dead = forwards.flatMap((forward) => forwardTrouble(facts, forward) ?? []);
    if (dead.length === 0)
      return ok(`${plural(forwards.length, "manual forward")}, and each leads to a device.`);
    const fix = advice("network", "See the device, or remove the forward.", "gateway port-forward list");
    const lines = (resting: boolean) => dead.filter((d) => d.resting === resting).map(({ text }) => text);
    const [lost, resting] = [lines(false), lines(true)];
    return [
      ...(lost.length > 0
        ? [
            warning(
              `${plural(lost.length, "manual forward leads", "manual forwards lead")} nowhere.`,
              lost,
              fix,
            ),
          ]
        : []),
      ...(resting.length > 0
        ? [
            note(
              `${plural(resting.length, "manual forward leads", "manual forwards lead")} to a device that is not active.`,
              resting,
            ),
          ]
        : []),
    ];
  },
};

const isSix = (network: string): boolean => network.includes(":");

/** Why a device that somebody opened is not reached; empty: it is, as far as can be seen. */
function whyNotOpen({ state }: Facts, { address, inbound, from }: InboundChoice): readonly string[] {
  if (inbound === "ports") return [];
  const device = state.devices.find((d) => d.ipv4_address === address);
  if (!device) return [`${address}: no device has this address`];
  const four = device.ipv4_wan_address !== null;
  const six = device.ipv6_address !== null;
  const name = `${address} (${device.hostname ?? device.mac_address})`;
  if (!four && !six) return [`${name}: the device has no address on the WAN`];
  if (from.length === 0) return [];
  if (from.every(isSix) && !six) return [`${name}: open to IPv6 networks alone, and the device has no IPv6`];
  if (!from.some(isSix) && !four)
    return [`${name}: open to IPv4 networks alone, and the device has no IPv4 on the WAN`];
  return [];
}

const openDevices: Check = {
  id: "open-devices",
  area: "ways in",
  title: "devices open as a whole are reached",
  looksAt:
    "inbound.json (`gateway ipv6-forward`): who has each address, and which families that device has on the WAN.",
  means:
    "Nobody has the address, or the device lacks the family that it is open to; from outside nothing reaches it.",
  remedy: "See the device, or close it again.",
  run(facts) {
    const { inbound } = facts;
    if (inbound === undefined) return ok("No device is open as a whole by inbound.json.");
    if (isUnseen(inbound))
      return problem(
        inbound.unseen,
        ["no device of the file is open after a restart"],
        advice("service", "Mend the file, or move it away and open the devices anew."),
      );
    const dead = inbound.flatMap((choice) => whyNotOpen(facts, choice));
    if (dead.length === 0)
      return ok(`${plural(inbound.length, "device")} in inbound.json, and each is there.`);
    return warning(
      `${plural(dead.length, "device")} of inbound.json cannot be reached as a whole.`,
      dead,
      advice("network", "See the device, or close it again.", "gateway ipv6-forward status"),
    );
  },
};

export const waysIn: readonly Check[] = [proxyLives, proxyListens, devicePorts, manualForwards, openDevices];
