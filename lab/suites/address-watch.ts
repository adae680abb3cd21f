/** When the identities got their addresses, as the kernel itself told while it happened. */
import { eui64Address, type Ip6, isLinkLocal } from "../../src/base/ip6.ts";
import type { Mac } from "../../src/base/mac.ts";
import type { Running } from "../exec.ts";
import type { Lab } from "../topology.ts";
import { waitFor } from "../wait.ts";
import { identityOf } from "./names.ts";

/** `slaac`: formed of the MAC; `leased`: any other routable IPv6 address. */
export type AddressKind = "ipv4" | "slaac" | "leased";

/** An address of a program's own making, so that the monitor is known to listen. */
const probe = "192.0.2.255";

const line = /^\d+: (\S+)\s+(inet6?) ([0-9a-f.:]+)\/\d+ (.*)$/;

export class AddressWatch {
  readonly #macs: ReadonlyMap<string, Mac>;
  readonly #starts: readonly string[];
  /** By kind: when an identity had its first address of it. */
  readonly #at: Readonly<Record<AddressKind, Map<string, number>>> = {
    ipv4: new Map(),
    slaac: new Map(),
    leased: new Map(),
  };
  #monitor: Running | undefined;
  #listening = false;

  private constructor(macs: readonly string[], starts: readonly string[]) {
    this.#macs = new Map(macs.map((mac) => [identityOf(mac), mac as Mac]));
    this.#starts = starts;
  }

  /**
   * Resolves when the kernel's messages arrive.
   * @param starts how the addresses begin that count; all unless told
   */
  static async start(
    { gateway: { namespace } }: Lab,
    macs: readonly string[],
    starts: readonly string[] = [""],
  ): Promise<AddressWatch> {
    const watch = new AddressWatch(macs, starts);
    watch.#monitor = namespace.start(["ip", "-o", "monitor", "address"], {
      keepLines: 100,
      onLine: (text) => watch.#read(text),
    });
    await waitFor("the kernel tells of addresses", async () => {
      await namespace.ip([`addr add ${probe}/32 dev lo`, `addr del ${probe}/32 dev lo`]);
      return watch.#listening;
    });
    return watch;
  }

  /** How many identities have got an address of this kind. */
  count(kind: AddressKind): number {
    return this.#at[kind].size;
  }

  /** How many have got one of IPv4 and one of IPv6. */
  get countBoth(): number {
    const { ipv4, slaac, leased } = this.#at;
    return [...ipv4.keys()].filter((ifname) => slaac.has(ifname) || leased.has(ifname)).length;
  }

  /** When the last of them got it, as `performance.now()`. */
  lastAt(kind: AddressKind): number {
    return Math.max(...this.#at[kind].values());
  }

  explain(): string {
    const counts = Object.entries(this.#at).map(([kind, at]) => `${kind}: ${at.size}`);
    return `of ${this.#macs.size} identities have: ${counts.join(", ")}`;
  }

  async stop(): Promise<void> {
    await this.#monitor?.stop();
  }

  #read(text: string): void {
    const [, ifname = "", family = "", address = "", flags = ""] = line.exec(text) ?? [];
    if (address === probe) this.#listening = true;
    const mac = this.#macs.get(ifname);
    // An optimistic address is tentative to iproute2, too: both are still being checked.
    if (mac === undefined || /\b(tentative|dadfailed)\b/.test(flags)) return;
    if (!this.#starts.some((start) => address.startsWith(start))) return;
    const kind = family === "inet" ? "ipv4" : kindOf(address as Ip6, mac);
    if (kind !== undefined && !this.#at[kind].has(ifname)) this.#at[kind].set(ifname, performance.now());
  }
}

function kindOf(address: Ip6, mac: Mac): AddressKind | undefined {
  if (isLinkLocal(address)) return undefined;
  return address === eui64Address(address, mac) ? "slaac" : "leased";
}
