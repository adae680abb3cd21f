/** What of ours hangs on the WAN port beside the identities, in tables of nftables that save time or frames. */
import { networkOf } from "../../base/cidr4.ts";
import type { Config } from "../../config/schema.ts";
import type { Kernel, KernelEvent } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import type { Pass } from "../reconcile/reconciler.ts";
import { ArpLimit } from "./arp-limit.ts";
import { BroadcastFilter } from "./broadcast-filter.ts";
import { paceOf } from "./pace.ts";
import { ShortWayTable } from "./short-way-table.ts";

export interface PortTablesParts {
  readonly config: Config;
  readonly kernel: Kernel;
  readonly log: Log;
}

export class PortTables {
  readonly #arpLimit: ArpLimit;
  readonly #broadcasts: BroadcastFilter;
  readonly #shortWays: ShortWayTable;

  constructor({ config, kernel, log }: PortTablesParts) {
    const { lan, wan, pacing } = config;
    const common = { kernel, log, wanPort: wan.interface };
    this.#arpLimit = new ArpLimit({ ...common, rate: paceOf(pacing).arpInAll });
    this.#broadcasts = new BroadcastFilter({ ...common, silent: wan.own_mac === "silent" });
    this.#shortWays = new ShortWayTable({
      ...common,
      wanted: wan.udp_short_way,
      lanPort: lan.interface,
      lan: networkOf(lan.address.ip, lan.address.length),
    });
  }

  start(): Promise<void> {
    return this.#arpLimit.start();
  }

  kernelEvent(event: KernelEvent): void {
    this.#arpLimit.kernelEvent(event);
  }

  /** Before a pass. */
  planned(plan: Pick<Pass, "desired" | "macs">): void {
    this.#shortWays.planned(plan);
  }

  passed(pass: Pick<Pass, "desired" | "macs" | "failures">): void {
    this.#broadcasts.passed(pass.desired, pass.macs === undefined);
    this.#shortWays.passed(pass);
  }

  /** The carrier has gone. */
  linkLost(): void {
    this.#shortWays.linkLost();
  }

  /** Resolves when all is done that was asked for. */
  async settled(): Promise<void> {
    await this.#broadcasts.settled();
    await this.#shortWays.settled();
  }
}
