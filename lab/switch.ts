import { createSwitch, type Namespace } from "./netns.ts";
import { type Binding6, parseBindings6, parseCounters, type SwitchCounters } from "./switch-counters.ts";
import {
  renderAddress,
  renderBinding,
  renderRules,
  renderTable,
  type SwitchRules,
  table,
} from "./switch-rules.ts";
import { kinds6 } from "./switch-rules6.ts";

export interface SwitchOptions extends SwitchRules {
  readonly registered: readonly string[];
}

/**
 * The access switch between gateway and router: drops frames from the gateway's port whose source MAC is not registered and,
 * with source guard on, those whose IPv4 source or ARP sender is not the address leased to that MAC. It learns leases from the
 * DHCP ACKs that the router's port sends. IPv6 sources and advertised targets must be what the MAC was first to probe for; see
 * switch-rules6.ts.
 */
export class FirewallSwitch {
  #rules: SwitchRules;
  private constructor(
    readonly namespace: Namespace,
    rules: SwitchRules,
  ) {
    this.#rules = rules;
  }

  static async create(name: string, options: SwitchOptions): Promise<FirewallSwitch> {
    const namespace = await createSwitch(name);
    const firewall = new FirewallSwitch(namespace, options);
    await namespace.nft(renderTable() + renderRules(options));
    await firewall.register(...options.registered);
    return firewall;
  }

  async register(...macs: readonly string[]): Promise<void> {
    if (macs.length > 0) await this.#elements("add", "registered", macs);
  }

  async unregister(...macs: readonly string[]): Promise<void> {
    if (macs.length > 0) await this.#elements("delete", "registered", macs);
  }

  /** A binding of its own for source guard, without DHCP or a probe; either family. */
  async permit(mac: string, ip: string): Promise<void> {
    if (!ip.includes(":")) return this.#elements("add", "bindings", [renderBinding(mac, ip)]);
    await this.#elements("add", "bindings6", [renderBinding(mac, ip)]);
    await this.#elements("add", "bound6", [renderAddress(ip)]);
  }

  /** Which IPv6 addresses the switch takes for whose, learnt from probes. */
  async bindings6(): Promise<readonly Binding6[]> {
    return parseBindings6(await this.#list());
  }

  /** What a switch does when the cable goes to another one. */
  async forgetBindings6(): Promise<void> {
    await this.#flush(["bindings6", "bound6"]);
  }

  async setRules(changes: Partial<SwitchRules>): Promise<void> {
    this.#rules = { ...this.#rules, ...changes };
    await this.namespace.nft(renderRules(this.#rules));
  }

  async counters(): Promise<SwitchCounters> {
    return parseCounters(await this.#list());
  }

  /** All counters but those that begin with `ever`. */
  async resetCounters(): Promise<void> {
    const sets = ["seen", "seen_arp", "seen_dhcp", "unregistered", "guarded", "guarded6", "pairs6"];
    await this.#flush([...sets, ...kinds6.map((kind) => `seen_${kind}`)]);
  }

  /** Takes a port down or up, as pulling the cable would: the other end loses its carrier. */
  async setPort(port: string, state: "up" | "down"): Promise<void> {
    await this.namespace.ip([`link set ${port} ${state}`]);
    await this.settlePort(port);
  }

  /** A switch is another machine; here the port would wait until the kernel has dealt with the links of all identities. */
  async settlePort(port: string): Promise<void> {
    await this.namespace.ipJson(["link", "show", "dev", port]);
  }

  /**
   * Drops from now on every frame that matches, an nftables expression over all ports (`gateway`, `router`, `client1`…), such as
   * `iifname "router" udp dport 68` or `ether type arp numgen random mod 100 < 20`. These drops stand in no counter.
   */
  async addFault(match: string): Promise<void> {
    await this.namespace.nft(`add rule ${table} faults ${match} drop\n`);
  }

  async clearFaults(): Promise<void> {
    await this.namespace.nft(`flush chain ${table} faults\n`);
  }

  /** Lets everything pass and counts nothing from now on, as hardware does without costing a processor anything; for measuring speed. */
  async standAside(): Promise<void> {
    await this.namespace.nft(`delete table ${table}\n`);
  }

  async #list(): Promise<string> {
    return (await this.namespace.run(["nft", "-j", "list", "table", ...table.split(" ")])).stdout;
  }

  async #flush(sets: readonly string[]): Promise<void> {
    await this.namespace.nft(sets.map((set) => `flush set ${table} ${set}\n`).join(""));
  }

  async #elements(verb: "add" | "delete", set: string, elements: readonly string[]): Promise<void> {
    await this.namespace.nft(`${verb} element ${table} ${set} { ${elements.join(", ")} }\n`);
  }
}
