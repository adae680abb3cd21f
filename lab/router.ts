import { linkLocalOf } from "../src/base/ip6.ts";
import type { Mac } from "../src/base/mac.ts";
import { hostOf6, type PrefixDescription, type RaDescription } from "./description6.ts";
import { connect, type Namespace } from "./netns.ts";
import type { DhcpPlace } from "./servers/dhcp-server.ts";
import { createRaServer, type RaOptions, type RaProgram, type RaServer } from "./servers/ra-server.ts";
import type { FirewallSwitch } from "./switch.ts";
import { createQuickNamespace } from "./wan-host.ts";

/** What a description leaves out depends on these. */
export interface RaDefaults {
  /** The router's part of each prefix, hexadecimal. */
  readonly host: string;
  readonly prefix: string;
  readonly managed: boolean;
  readonly other: boolean;
}

const completePrefix = (given: string | PrefixDescription): Required<PrefixDescription> => {
  const prefix: PrefixDescription = typeof given === "string" ? { prefix: given } : given;
  const valid = prefix.valid ?? 86_400;
  return { onLink: true, autonomous: true, preferred: Math.min(14_400, valid), ...prefix, valid };
};

export function completeRa(description: RaDescription, defaults: RaDefaults): RaOptions {
  const prefixes = (description.prefixes ?? [defaults.prefix]).map(completePrefix);
  const living = prefixes.filter(({ valid }) => valid > 0);
  return {
    routerLifetime: 1800,
    preference: "medium",
    rdnss: living.slice(0, 1).map(({ prefix }) => hostOf6(prefix, defaults.host)),
    rdnssLifetime: 1800,
    dnssl: [],
    maxInterval: 4,
    managed: defaults.managed,
    other: defaults.other,
    mtu: undefined,
    pref64: undefined,
    ...description,
    prefixes,
  };
}

export interface RouterDescription {
  /** Of its namespace. */
  readonly name: string;
  /** Its port of the switch. */
  readonly port: string;
  readonly mac: string;
  /** With prefix length; absent: no IPv4 on the segment. */
  readonly ipv4?: string;
}

/** A router between the segment (`wan`) and the host beyond (`inet`). */
export class Router {
  ra: RaServer | undefined;
  /** What it advertises, once `advertise` has been called. */
  #described: { readonly description: RaDescription; readonly defaults: RaDefaults } | undefined;
  /** Every prefix it has ever advertised; it has its address in each of them to the end. */
  readonly prefixes: string[] = [];
  /** Routes towards the host beyond; a link that was down has lost them. */
  readonly inetRoutes: string[] = [];

  private constructor(
    readonly namespace: Namespace,
    readonly mac: string,
    private readonly firewall: FirewallSwitch,
    private readonly port: string,
  ) {}

  static async create(
    firewall: FirewallSwitch,
    { name, port, mac, ipv4 }: RouterDescription,
    ipv6: boolean,
  ): Promise<Router> {
    const namespace = await createQuickNamespace(name, { forwarding: ipv6 });
    await connect(
      { namespace, ifname: "wan", mac, ipv6 },
      { namespace: firewall.namespace, ifname: port, bridge: "br0" },
    );
    if (ipv4 !== undefined) await namespace.ip([`addr add ${ipv4} dev wan`]);
    await namespace.sysctl({
      "net.ipv4.ip_forward": 1,
      "net.ipv4.neigh.wan.base_reachable_time_ms": 10_000,
      ...(ipv6 ? { "net.ipv6.neigh.wan.base_reachable_time_ms": 10_000 } : {}),
    });
    return new Router(namespace, mac, firewall, port);
  }

  get linkLocal(): string {
    return linkLocalOf(this.mac as Mac);
  }

  /** Gives it its advertisements and the addresses they need; `program` undefined: addresses only. */
  async advertise(
    program: RaProgram | undefined,
    place: DhcpPlace,
    description: RaDescription,
    defaults: RaDefaults,
  ): Promise<void> {
    this.#described = { description, defaults };
    const options = completeRa(description, defaults);
    await this.#takeAddresses(options);
    if (program !== undefined) this.ra = createRaServer(program, place, options);
  }

  /**
   * Changes its advertisements, at once when it advertises. A prefix left out of `prefixes` is simply not named any more; one of
   * `valid: 0` or `preferred: 0` is withdrawn or deprecated. Its addresses in earlier prefixes stay.
   */
  async announce(changes: RaDescription): Promise<void> {
    if (this.#described === undefined || this.ra === undefined)
      throw new Error("this router does not advertise");
    const { defaults } = this.#described;
    const description = { ...this.#described.description, ...changes };
    this.#described = { description, defaults };
    const options = completeRa(description, defaults);
    await this.#takeAddresses(options);
    await this.ra.change(options);
  }

  async #takeAddresses({ prefixes }: RaOptions): Promise<void> {
    const host = this.#described?.defaults.host ?? "1";
    const fresh = prefixes.map(({ prefix }) => prefix).filter((prefix) => !this.prefixes.includes(prefix));
    this.prefixes.push(...fresh);
    await this.namespace.ip(fresh.map((prefix) => `addr add ${hostOf6(prefix, host)}/64 dev wan`));
  }

  /** Reaches hosts of other routers' prefixes on the segment directly. */
  async reachOnLink(prefixes: readonly string[]): Promise<void> {
    const others = prefixes.filter((prefix) => !this.prefixes.includes(prefix));
    await this.namespace.ip(others.map((prefix) => `route replace ${prefix} dev wan`));
  }

  /** Vanishes from the segment and from the host beyond, without a goodbye. */
  async die(): Promise<void> {
    await this.firewall.setPort(this.port, "down");
    await this.namespace.ip(["link set inet down"]);
  }

  async revive(): Promise<void> {
    await this.namespace.ip(["link set inet up", ...this.inetRoutes]);
    await this.firewall.setPort(this.port, "up");
  }
}
