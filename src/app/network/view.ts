import { describeNetwork, type NetworkFacts } from "../../config/state-network.ts";
import type { Log } from "../../ports/log.ts";
import type { Registry } from "../devices/registry.ts";
import type { Offered } from "../devices/status.ts";
import type { Network6 } from "../uplink6/network.ts";
import type { Nat64 } from "../xlat/nat64.ts";
import { DeviceFindings, networkFacts, nothingKnown } from "./facts.ts";

export interface NetworkViewParts {
  readonly log: Log;
  readonly registry: Registry;
  readonly network6: () => Network6;
  readonly nat64: () => Nat64;
  /** Something is different, whoever looked. */
  readonly onChange: () => void;
}

/** What the WAN offers now, and a word in the log when that changes. */
export class NetworkView {
  readonly #parts: NetworkViewParts;
  readonly #found = new DeviceFindings();
  #facts: NetworkFacts = nothingKnown;
  #text = "";

  constructor(parts: NetworkViewParts) {
    this.#parts = parts;
    for (const device of parts.registry.all()) this.#found.change(device, undefined);
    parts.registry.listen((now, was) => this.#found.change(now, was));
  }

  get facts(): NetworkFacts {
    return this.#facts;
  }

  /** Families that some device has. */
  get offered(): Offered {
    const { ipv4, ipv6 } = this.#facts;
    return { ipv4: ipv4.offer === "yes", ipv6: ipv6.offer === "yes" };
  }

  lacks(family: "ipv4" | "ipv6"): boolean {
    this.look();
    return !this.offered[family];
  }

  /** Sums up what the devices have found. */
  look(): void {
    const facts = networkFacts(this.#found, this.#parts.network6(), this.#parts.nat64());
    if (JSON.stringify(facts) === JSON.stringify(this.#facts)) return;
    this.#facts = facts;
    const text = describeNetwork(facts);
    if (text !== this.#text) this.#parts.log.info(`WAN offers ${text}`);
    this.#text = text;
    this.#parts.onChange();
  }
}
