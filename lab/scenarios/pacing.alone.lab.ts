/** `switch-safe`: what the access switch sees of many devices, second by second. */
import { expect } from "vitest";
import { scenario } from "../scenario.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { burstConfig, burstIpv6, burstMacs, burstNetwork } from "../suites/burst.ts";
import { startGateway } from "../suites/network.ts";
import {
  busiest,
  completed,
  departures,
  lastSeen,
  nowSeconds,
  showBusiest,
  verifiedInOrder,
} from "../suites/pacing.ts";
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";

const firstMac = burstMacs(1)[0] ?? "";
const safe = { ...burstConfig, pacing: { profile: "switch-safe" } };
/** The host on the segment. */
const peer = "198.18.0.2";

/** Moments at which another part of a scenario begins, and what left the port in each. */
class Parts {
  readonly #marks: [name: string, at: number][] = [];

  begin(name: string): void {
    this.#marks.push([name, nowSeconds()]);
  }

  async expectSafe(lab: Lab): Promise<void> {
    this.begin("end");
    await sleep(200);
    const of = await departures(lab.captures.get("wan"), firstMac.slice(0, 8));
    for (const [n, [name, at]] of this.#marks.slice(0, -1).entries()) {
      const most = busiest(of, at, this.#marks[n + 1]?.[1] ?? at);
      lab.notes.push(`${name}: in a second at most ${showBusiest(most)} frames`);
      expect(most.ARP, name).toBeLessThanOrEqual(15);
      expect(most.DHCP, name).toBeLessThanOrEqual(15);
      // The kernel checks all addresses of one advertisement at one moment, and advertisements come every 3 s at most.
      expect(most.ND, name).toBeLessThanOrEqual(45);
    }
  }
}

async function comeUp(lab: Lab, count: number): Promise<Simulator> {
  const simulator = await lab.addSimulator();
  await simulator.start({ count, firstMac, addressing: { kind: "dhcp" }, hostName: "sim" });
  await lab.gateway.waitFor(
    "all have leases of both families",
    () => completed(lab, 4).size === count && completed(lab, 6).size === count,
    {
      timeoutMs: count * 1000,
      everyMs: 500,
      explain: () => `${completed(lab, 4).size} on IPv4, ${completed(lab, 6).size} on IPv6`,
    },
  );
  return simulator;
}

/** Devices that have an address by SLAAC. */
const withSlaac = ({ gateway }: Lab): number =>
  new Set(gateway.output.flatMap((line) => / WAN IPv6 .*(2001:\S+:0:216:\S+)/.exec(line)?.[1] ?? [])).size;

/** Every device asks `to`, again until it is answered; gives the seconds until the last one was, and how many were not. */
async function talk(simulator: Simulator, to: string, forSeconds: number): Promise<string> {
  const from = nowSeconds();
  let { missing } = await simulator.traffic({ kind: "ping", to, perSecond: 100 });
  while (missing.length > 0 && nowSeconds() - from < forSeconds)
    missing = (await simulator.traffic({ kind: "ping", to, perSecond: 100, from: missing })).missing;
  return `${(nowSeconds() - from).toFixed(0)} s until all but ${missing.length} are answered by ${to}`;
}

scenario(
  "switch-safe: 300 devices come up, talk, and are taken up again after a restart, under 15 ARP and 15 DHCP frames in any second",
  burstNetwork("kea", 300, burstIpv6),
  async (lab) => {
    await startGateway(lab, safe);
    const parts = new Parts();
    parts.begin("coming up");
    const from = nowSeconds();
    const simulator = await comeUp(lab, 300);
    lab.notes.push(`300 devices have their leases after ${(nowSeconds() - from).toFixed(0)} s`);
    // The router advertises when it is asked, every 3 s at most, and nobody waits until the last has come.
    expect(withSlaac(lab)).toBeGreaterThan(270);
    parts.begin("talking beyond the router");
    lab.notes.push(await talk(simulator, lab.wan.internet.ip, 45));
    parts.begin("talking on the segment");
    lab.notes.push(await talk(simulator, peer, 20));
    await lab.gateway.stop();
    const seen = await lastSeen(lab);
    const printed = lab.gateway.output.length;
    parts.begin("restart");
    lab.gateway.start();
    await sleep(30_000);
    const order = verifiedInOrder(lab, printed);
    expect(order.length).toBeGreaterThan(40);
    expect(order.length).toBeLessThan(80);
    const times = order.map((mac) => seen.get(mac) ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    await parts.expectSafe(lab);
  },
  { timeoutMs: 460_000, guardDrops: "allowed" },
);

scenario(
  "switch-safe: after a power cut 30 devices come up as slowly as at first, those used last before the others",
  burstNetwork("kea", 30, burstIpv6),
  async (lab) => {
    await startGateway(lab, safe);
    const parts = new Parts();
    parts.begin("coming up");
    await comeUp(lab, 30);
    await lab.gateway.stop();
    // What the kernel had is gone with the power.
    const { code, stderr } = await lab.gateway.command(["cleanup"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const seen = await lastSeen(lab);
    const printed = lab.gateway.output.length;
    parts.begin("after the power cut");
    lab.gateway.start();
    await lab.gateway.waitFor("all leases are verified", () => completed(lab, 4, printed).size === 30, {
      timeoutMs: 60_000,
    });
    const times = verifiedInOrder(lab, printed).map((mac) => seen.get(mac) ?? 0);
    expect(times.length).toBe(30);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    await parts.expectSafe(lab);
  },
  { guardDrops: "allowed" },
);
