/** Another network behind the WAN port: the signs of it, and what every device does then. */
import type { Ip4 } from "../../base/ip4.ts";
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
import { Evidence } from "./evidence.ts";
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
  /** Every device asks anew. */
  readonly onVerify: () => void;
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
  readonly #evidence: Evidence;
  #poll: Cancel | undefined;
  #scout: Cancel | undefined;

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
    this.#evidence = new Evidence({
      sign: (what) => this.#watch.sign(what),
      proof: (what) => this.#watch.proof(what),
      stranger: (who) => this.#watch.hasten(who),
      isSettled: () => this.#watch.isSettled,
      hasIpv4: () => parts.registry.all().some((d) => leaseOf(d) !== undefined),
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
        else this.#linkLost();
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

  /** @see WanWatch.isUncertain */
  get isUncertain(): boolean {
    return this.#watch.isUncertain;
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

  leased(mac: Mac, lease: Lease4): void {
    this.#evidence.leased(mac, lease);
  }

  /** `mac` undefined: the router does not answer any more. */
  router(router: Ip4, mac: Mac | undefined, was: Mac | undefined): void {
    this.#evidence.router(router, mac, was);
  }

  network6(now: Network6, was: Network6): void {
    this.#evidence.network6(now, was);
  }

  #verify(): void {
    const { clock, onboarding } = this.#parts;
    this.#evidence.begin();
    this.#askRouters();
    onboarding.verifyAll((device) => this.#suspicion(device, "same?"));
    this.#quiet.asked(this.#watch.changedAt);
    this.#parts.onVerify();
    this.#scout?.();
    this.#scout = clock.after(scoutAfter, () => {
      if (this.#quiet.isQuiet) this.#scout = clock.after(lateScoutAfter, () => this.#sendScout());
      else this.#sendScout();
    });
  }

  #linkLost(): void {
    this.#quiet.gone();
    this.#evidence.linkLost();
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
    if (this.#evidence.isAnswered) return;
    const isLost = ({ router }: { readonly router: Ip4 }): boolean =>
      this.#quiet.isQuiet || this.#evidence.isSilent(router);
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
