/** What the DHCP clients and the kernel report of a device, written into the registry. The words for people: report.ts. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { someOf } from "../../base/some-of.ts";
import { between, type Instant, type WallTime, wallPlus, wallTime } from "../../base/time.ts";
import type { Dhcp4Event } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Dhcp6Event } from "../../machine/dhcp6/interface.ts";
import type { Information6, Lease6 } from "../../machine/dhcp6/lease.ts";
import { identityName } from "../../plan/marks.ts";
import type { Log } from "../../ports/log.ts";
import type { Confirmation } from "../uplink6/confirmations.ts";
import type { Asking, Device, Ipv4State, Ipv6State, OwnAddress6 } from "./device.ts";
import { reachable6 } from "./device.ts";
import type { Registry } from "./registry.ts";
import { report4, report6 } from "./report.ts";
import { silenceText } from "./status.ts";
import type { Timeline } from "./timeline.ts";

export class Progress {
  constructor(
    readonly registry: Registry,
    readonly log: Log,
    readonly now: () => Instant,
    /** Whether the network has IPv4, IPv6 for others: then a device without it has failed. */
    readonly lacks: (family: "ipv4" | "ipv6") => boolean = () => false,
    readonly timeline?: Pick<Timeline, "event4" | "event6">,
    readonly wall: () => WallTime = () => wallTime(0),
  ) {}

  configure(mac: Mac, lease: Lease4): void {
    this.#ipv4(mac, ({ dhcp, installed }) => ({
      dhcp: { tag: "leased", lease },
      installed: installed && dhcp.tag === "leased" && dhcp.lease.address === lease.address,
    }));
  }

  deconfigure(mac: Mac, address: Ip4): void {
    this.#ipv4(mac, (ipv4) =>
      ipv4.dhcp.tag === "leased" && ipv4.dhcp.lease.address === address
        ? { dhcp: { tag: "idle" }, installed: false }
        : ipv4,
    );
  }

  configure6(mac: Mac, lease: Lease6): void {
    this.#ipv6(mac, (ipv6) => ({ ...ipv6, dhcp: { tag: "leased", lease } }));
  }

  /** What DHCPv6 gave holds no more. */
  deconfigure6(mac: Mac): void {
    this.#ipv6(mac, ({ information: _, ...rest }) => ({ ...rest, dhcp: { tag: "idle" } }));
  }

  information6(mac: Mac, information: Information6): void {
    this.#ipv6(mac, (ipv6) => ({ ...ipv6, information }));
  }

  /** The kernel carries the device's IPv4 address. */
  installed(device: Device): void {
    const { dhcp, installed } = device.ipv4;
    if (dhcp.tag !== "leased" || installed) return;
    const { lease } = dhcp;
    this.registry.put({ ...device, ipv4: { dhcp, installed: true } });
    this.log.info(
      `Device ${device.mac} configured: WAN IPv4 ${lease.address} on ${identityName(device.mac)}`,
      {
        lan: device.lanIp,
        router: lease.routes.find((r) => r.destination.length === 0)?.router,
      },
    );
  }

  /** What the kernel has of IPv6 on the identity, whether packets find their way there, and whether the network answers. */
  found6(mac: Mac, addresses: readonly OwnAddress6[], complete: boolean, confirmation: Confirmation): void {
    const device = this.registry.get(mac);
    if (!device) return;
    const { silentRouter: was, ...ipv6 } = device.ipv6;
    const usable = addresses.some((a) => a.state === "usable" || a.state === "deprecated");
    const installed = usable && confirmation === "answered" && (complete || ipv6.installed);
    const silent = typeof confirmation === "object" ? confirmation.silent : undefined;
    const same = sameAddresses(addresses, ipv6.addresses);
    if (same && installed === ipv6.installed && silent === was) return;
    const silentRouter = silent ? { silentRouter: silent } : {};
    const known = same ? ipv6.addresses : addresses;
    const now = { ...device, ipv6: { ...ipv6, addresses: known, installed, ...silentRouter } };
    this.registry.put(now);
    this.#tell6(device, now);
  }

  #tell6(was: Device, now: Device): void {
    const { installed, silentRouter } = now.ipv6;
    if (silentRouter && silentRouter !== was.ipv6.silentRouter)
      this.log.warn(`IPv6 of device ${now.mac} does not work: ${silenceText(silentRouter)}`);
    if (!installed) {
      if (was.ipv6.installed && !silentRouter)
        this.log.warn(`Device ${now.mac} has no IPv6 address any more`);
      return;
    }
    const before = was.ipv6.installed ? reachable6(was) : [];
    const after = reachable6(now);
    const came = after.filter((ip) => !before.includes(ip));
    const gone = before.filter((ip) => !after.includes(ip));
    if (came.length > 0)
      this.log.info(
        `Device ${now.mac} configured: WAN IPv6 ${someOf(came)} on ${identityName(now.mac)}`,
        gone.length > 0 ? { instead_of: someOf(gone) } : {},
      );
    else if (gone.length > 0) this.log.info(`Device ${now.mac} has left WAN IPv6 ${someOf(gone)}`);
  }

  event(mac: Mac, event: Dhcp4Event): void {
    this.timeline?.event4(mac, event);
    const before = this.registry.get(mac)?.ipv4.dhcp;
    const mirrored = before && this.#mirror4(before, event);
    if (mirrored) this.#ipv4(mac, (ipv4) => ({ ...ipv4, dhcp: mirrored }));
    // A failed device is tried again and again; the log says it once.
    const slow = before?.tag === "failed" && mirrored === before;
    if (slow && event.kind !== "obtained")
      this.log.for("dhcp4").debug(`DHCPv4 for ${mac}, slow attempt: ${event.kind}`);
    else report4(this.log.for("dhcp4"), this.now(), mac, event, this.#expected(mac, "ipv4"));
  }

  #mirror4(before: Ipv4State["dhcp"], event: Dhcp4Event): Ipv4State["dhcp"] {
    if (event.kind === "resting")
      return { tag: "resting", until: wallPlus(this.wall(), between(this.now(), event.until)) };
    const asks = event.kind === "requesting" && event.how === "discover";
    if (before.tag !== "resting") return mirror(before, event, asks);
    return asks ? { tag: "asking", attempt: event.attempt, of: event.of } : before;
  }

  event6(mac: Mac, event: Dhcp6Event): void {
    this.timeline?.event6(mac, event);
    const before = this.registry.get(mac)?.ipv6.dhcp;
    const mirrored = before && mirror(before, event, event.kind === "requesting" && event.how === "solicit");
    if (mirrored) this.#ipv6(mac, (ipv6) => ({ ...ipv6, dhcp: mirrored }));
    const slow = before?.tag === "failed" && mirrored === before;
    if (slow && event.kind !== "obtained")
      this.log.for("dhcp6").debug(`DHCPv6 for ${mac}, slow attempt: ${event.kind}`);
    else report6(this.log.for("dhcp6"), this.now(), mac, event, this.#expected(mac, "ipv6"));
  }

  /** Whether it is no failure of the device to get nothing: it works by the other family, and so do all. */
  #expected(mac: Mac, family: "ipv4" | "ipv6"): boolean {
    const device = this.registry.get(mac);
    const other = family === "ipv4" ? device?.ipv6.installed : device?.ipv4.installed;
    const here = family === "ipv6" && device?.ipv6.installed;
    return here === true || (other === true && this.lacks(family));
  }

  #ipv4(mac: Mac, next: (ipv4: Ipv4State) => Ipv4State): void {
    const device = this.registry.get(mac);
    if (!device) return;
    const ipv4 = next(device.ipv4);
    if (ipv4.dhcp !== device.ipv4.dhcp || ipv4.installed !== device.ipv4.installed)
      this.registry.put({ ...device, ipv4 });
  }

  #ipv6(mac: Mac, next: (ipv6: Ipv6State) => Ipv6State): void {
    const device = this.registry.get(mac);
    if (!device) return;
    const ipv6 = next(device.ipv6);
    if (ipv6 !== device.ipv6) this.registry.put({ ...device, ipv6 });
  }
}

/** The slow attempts of a failed device do not make it look as if it were about to come up. */
function mirror<L>(before: Asking<L>, event: Dhcp4Event | Dhcp6Event, asks: boolean): Asking<L> {
  if (event.kind === "failed")
    return before.tag === "failed" && before.reason === event.reason
      ? before
      : { tag: "failed", reason: event.reason };
  if (event.kind !== "requesting" || !asks || before.tag === "leased" || before.tag === "failed")
    return before;
  return { tag: "asking", attempt: event.attempt, of: event.of };
}

const sameAddresses = (a: readonly OwnAddress6[], b: readonly OwnAddress6[]): boolean =>
  a.length === b.length &&
  a.every((x, i) => x.ip === b[i]?.ip && x.state === b[i]?.state && x.origin === b[i]?.origin);
