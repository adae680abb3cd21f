/** The cable moves to another network: other addresses, other prefix, other servers, other routers; for the scenario and the bench. */
import type { Lab } from "../topology.ts";
import { sleep } from "../wait.ts";
import type { WanNetwork } from "../wan.ts";
import { AddressWatch } from "./address-watch.ts";
import { burstConfig, burstMacs } from "./burst.ts";
import { startGateway } from "./network.ts";
import { quick6 } from "./network6.ts";

/** Seconds that the gateway lets the new network settle. */
export const moveDelay = 2;
export const moveConfig = {
  ...burstConfig,
  ...quick6,
  lan: burstConfig.lan,
  wan: { change_delay: moveDelay },
};

export interface Place {
  readonly network: WanNetwork;
  /** How its IPv4 and IPv6 addresses begin. */
  readonly starts: readonly [v4: string, v6: string];
}

/** How many devices the kernel has with an address of both kinds there. */
export async function arrived(lab: Lab, { starts }: Place): Promise<number> {
  const rows = (await lab.gateway.namespace.ipJson(["addr", "show"])) as readonly Shown[];
  const has = (row: Shown, start: string): boolean =>
    row.addr_info.some((i) => i.local.startsWith(start) && i.tentative !== true);
  return rows.filter((row) => row.ifname.startsWith("gw") && starts.every((start) => has(row, start))).length;
}

interface Shown {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local: string; readonly tentative?: boolean }[];
}

/**
 * Brings `count` devices up in the first place and moves the cable. Gives the seconds from the carrier until all have addresses of both kinds in the second.
 * Errors: OutOfTime.
 */
export async function move(
  lab: Lab,
  count: number,
  { from, to, limitSeconds }: { readonly from: Place; readonly to: Place; readonly limitSeconds: number },
): Promise<number> {
  await startGateway(lab, moveConfig);
  const simulator = await lab.addSimulator();
  await simulator.start({
    count,
    firstMac: burstMacs(1)[0] ?? "",
    addressing: { kind: "static", firstIp: "10.20.1.0", router: "10.20.0.1" },
  });
  const limit = { timeoutMs: limitSeconds * 1000 };
  const text = ({ starts }: Place): string => `all have addresses ${starts.join("… and ")}…`;
  const before = async (): Promise<boolean> => (await arrived(lab, from)) === count;
  await lab.gateway.waitFor(text(from), before, { ...limit, everyMs: 250 });
  // To look at all addresses again and again would hold up whoever changes them.
  const watch = await AddressWatch.start(lab, burstMacs(count), to.starts);
  // What the watch itself changed in the kernel is looked into, and done with, before the move.
  await sleep(4000);
  const carrierAt = await lab.moveCable(lab.wan, to.network);
  await lab.gateway.waitFor(text(to), () => watch.countBoth === count, { ...limit, everyMs: 20 });
  const seconds = (performance.now() - carrierAt) / 1000;
  if ((await arrived(lab, to)) !== count)
    throw new Error(`the kernel told of addresses that it has no more: ${watch.explain()}`);
  await watch.stop();
  return seconds;
}
