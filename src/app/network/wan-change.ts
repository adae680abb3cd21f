/** Another network behind the WAN port: the signs of it, and what every device does then. */
import { formatCidr6 } from "../../base/cidr6.ts";
import type { Ip4 } from "../../base/ip4.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { between, formatWall, type Instant, seconds, wallPlus } from "../../base/time.ts";
import type { Config } from "../../config/schema.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Kernel, KernelEvent } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { type Device, hasIdentity, lease6Of, leaseOf } from "../devices/device.ts";
import type { Onboarding, Suspicion, Suspicions } from "../devices/onboarding.ts";
import type { Registry } from "../devices/registry.ts";
import type { RouterWatch } from "../uplink/router-watch.ts";
import type { Network6 } from "../uplink6/network.ts";
import { QuietLink } from "./quiet-link.ts";
import { WanPort } from "./wan-port.ts";
import { WanWatch } from "./wan-watch.ts";

export interface WanChangeParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly onboarding: Pick<Onboarding, "verifyAll">;
  readonly routers: Pick<RouterWatch, "suspectAll">;
  readonly ipv6: { linkUp(): void; linkChanged(): void };
  /** Forget the device's IPv4 lease and ask anew. */
  readonly retry: (mac: Mac) => void;
  /** What keeps all devices from working; undefined when that is over. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

/** Without an answer by then, one device asks anew: what it gets shows which network this is. */
const scoutAfter = seconds(4);
/** Later where nobody at all is heard: a port that blocks for spanning tree's sake opens by then, and no device should pay for that. */
const lateScoutAfter = seconds(45);

export class WanChange {
  readonly #parts: WanChangeParts;
  readonly port: WanPort;
  readonly #watch: WanWatch;
  readonly #quiet: QuietLink;
  #poll: Cancel | undefined;
  #scout: Cancel | undefined;
  /** Default routers of the leases obtained since the last verification. */
  readonly #routers = new Set<Ip4>();
  /** The router of each device's last lease. */
  readonly #before = new Map<Mac, Ip4>();
  /** Routers that did not answer since the last verification. */
  readonly #silent = new Set<Ip4>();
  #routers6: ReadonlySet<Ip6> = new Set();

  constructor(parts: WanChangeParts) {
    this.#parts = parts;
    const { config, clock, log, kernel } = parts;
    const { monitor, change_delay, interface: wanPort, own_mac } = config.wan;
    this.#watch = new WanWatch({
      clock,
      log,
      enabled: monitor,
      delay: change_delay,
      verify: () => this.#verify(),
      moved: () => this.#moved(),
    });
    this.#quiet = new QuietLink({
      clock,
      asks: () => parts.registry.all().some(hasIdentity),
      hold: () => this.#askRouters(),
      onQuiet: (since) => this.#fellQuiet(since),
      onEnd: (why) => {
        parts.onTrouble(undefined);
        if (why) this.#watch.verifyAgain(why);
      },
    });
    this.port = new WanPort({
      kernel,
      log,
      wanPort,
      onCarrier: (carrier) => {
        if (carrier) parts.ipv6.linkUp();
        else this.#quiet.gone();
        this.#watch.setCarrier(carrier);
      },
      onAddresses: (now, was) => {
        const gone = was.some((a) => !now.includes(a));
        if (own_mac === "use" && gone)
          this.#watch.sign(`${wanPort} had ${was}, has ${now.join(", ") || "none"}`);
      },
    });
  }

  async start(): Promise<void> {
    await this.port.look();
    this.#arm();
  }

  stop(): void {
    this.#poll?.();
    this.#scout?.();
    this.#quiet.stop();
    this.#watch.stop();
  }

  /** A frame of another station came in. */
  heard(): void {
    this.#quiet.heard();
  }

  kernelEvent(event: KernelEvent): void {
    const wanPort = this.#parts.config.wan.interface;
    if (event.kind === "link" && event.ifname === wanPort) this.port.setCarrier(event.carrier);
    if (event.kind === "resync") void this.port.look();
    if (event.kind === "address" && event.ifname === wanPort) void this.port.look();
  }

  /** A device has a lease; a router of another network than before is proof of a move. */
  leased(mac: Mac, lease: Lease4): void {
    const router = lease.routes.find((r) => r.destination.length === 0)?.router;
    if (!router) return;
    const before = this.#before.get(mac);
    this.#before.set(mac, router);
    const another = before !== undefined && before !== router && !this.#routers.has(router);
    if (another) this.#routers.clear();
    this.#routers.add(router);
    if (another) this.#watch.proof(`IPv4 router ${before} -> ${router}`);
  }

  /** `mac` undefined: the router does not answer any more. */
  router(router: Ip4, mac: Mac | undefined, was: Mac | undefined): void {
    if (!mac) this.#silent.add(router);
    else this.#silent.delete(router);
    if (!mac) this.#watch.sign(`IPv4 router ${router} does not answer`);
    else if (was && was !== mac) this.#watch.sign(`IPv4 router ${router} was at ${was}, is at ${mac}`);
  }

  network6(now: Network6, was: Network6): void {
    const gone = now.withdrawn.filter((p) => !was.withdrawn.some((q) => formatCidr6(p) === formatCidr6(q)));
    const there = now.routers.map((r) => r.address);
    const lost = was.routers.filter((r) => !there.includes(r.address));
    if (gone.length > 0) {
      const instead = now.autonomous.map(formatCidr6).join(", ") || "none";
      this.#watch.sign(`IPv6 prefix ${gone.map(formatCidr6).join(", ")} -> ${instead}`);
    } else if (lost.length > 0 && lost.length === was.routers.length)
      this.#watch.sign(
        `IPv6 router ${lost.map((r) => r.address).join(", ")} -> ${there.join(", ") || "none"}`,
      );
    const strangers = there.length > 0 && !there.some((ip) => this.#routers6.has(ip));
    if (this.#routers6.size > 0 && strangers)
      this.#watch.proof(`IPv6 router ${[...this.#routers6].join(", ")} -> ${there.join(", ")}`);
    if (there.length > 0 && !strangers) this.#routers6 = new Set([...this.#routers6, ...there]);
    if (this.#routers6.size === 0 || strangers) this.#routers6 = new Set(there);
  }

  #verify(): void {
    const { clock, onboarding } = this.#parts;
    this.#routers.clear();
    this.#silent.clear();
    this.#askRouters();
    onboarding.verifyAll((device) => this.#suspicion(device, "same?"));
    this.#quiet.asked(this.#watch.changedAt);
    this.#scout?.();
    this.#scout = clock.after(scoutAfter, () => {
      if (this.#quiet.isQuiet) this.#scout = clock.after(lateScoutAfter, () => this.#sendScout());
      else this.#sendScout();
    });
  }

  #askRouters(): void {
    this.#parts.routers.suspectAll();
    this.#parts.ipv6.linkChanged();
  }

  #fellQuiet(since: Instant): void {
    const { clock, config, log, onTrouble } = this.#parts;
    const port = config.wan.interface;
    const blocked = "its switch port may still block (spanning tree, 802.1X), or the cable leads nowhere";
    log.warn(`WAN is quiet: nothing has been heard since it changed; ${blocked}`);
    const at = formatWall(wallPlus(clock.wall(), between(clock.now(), since))).slice(11, 19);
    onTrouble(`Nothing has been heard on ${port} since ${at} UTC: ${blocked}. Leases are kept.`);
  }

  #moved(): void {
    this.#parts.onboarding.verifyAll((device) => this.#suspicion(device, "confirmed"));
  }

  /** No server answers and the router is gone: the device last seen longest ago gives its lease up to find out. */
  #sendScout(): void {
    const { registry, retry } = this.#parts;
    if (this.#routers.size > 0) return;
    const isLost = ({ router }: { readonly router: Ip4 }): boolean =>
      this.#quiet.isQuiet || this.#silent.has(router);
    const lost = registry.all().filter((d) => leaseOf(d)?.routes.some(isLost));
    const scout = lost.sort((a, b) => a.lastSeenAt - b.lastSeenAt)[0];
    if (scout) retry(scout.mac);
  }

  /** @param without what a device without a lease is to do */
  #suspicion(device: Device, without: Suspicion): Suspicions {
    const { since, another } = this.#watch;
    const judge = (acquiredAt: number | undefined): Suspicion => {
      if (acquiredAt === undefined) return without;
      if (acquiredAt >= since) return "confirmed";
      return another ? "another" : "same?";
    };
    return { ipv4: judge(leaseOf(device)?.acquiredAt), ipv6: judge(lease6Of(device)?.acquiredAt) };
  }

  #arm(): void {
    const { clock, config } = this.#parts;
    this.#poll = clock.after(config.wan.monitor_interval, () => {
      void this.port.look();
      this.#arm();
    });
  }
}
