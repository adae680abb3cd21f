/** What the DHCPv4 clients and the kernel report, written into the devices and the log. */
import type { Ip4 } from "../../base/ip4.ts";
import type { Mac } from "../../base/mac.ts";
import { between, type Instant, never, toSeconds } from "../../base/time.ts";
import type { Dhcp4Event } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import { identityName } from "../../plan/marks.ts";
import type { Log } from "../../ports/log.ts";
import type { Device, Stage } from "./device.ts";
import type { Registry } from "./registry.ts";

export class Progress {
  constructor(
    readonly registry: Registry,
    readonly log: Log,
    readonly now: () => Instant,
  ) {}

  configure(mac: Mac, lease: Lease4): void {
    this.#stage(mac, ({ stage }) => {
      const installed = stage.tag === "leased" && stage.installed && stage.lease.address === lease.address;
      return { tag: "leased", lease, installed };
    });
  }

  deconfigure(mac: Mac, address: Ip4): void {
    this.#stage(mac, ({ stage }) =>
      stage.tag === "leased" && stage.lease.address === address ? { tag: "pending", admitted: true } : stage,
    );
  }

  /** The kernel carries the device's address. */
  installed(device: Device): void {
    if (device.stage.tag !== "leased" || device.stage.installed) return;
    const { lease } = device.stage;
    this.registry.put({ ...device, stage: { ...device.stage, installed: true } });
    this.log.info(
      `Device ${device.mac} configured: WAN IPv4 ${lease.address} on ${identityName(device.mac)}`,
      {
        lan: device.lanIp,
        router: lease.routes.find((r) => r.destination.length === 0)?.router,
      },
    );
  }

  event(mac: Mac, event: Dhcp4Event): void {
    const before = this.registry.get(mac)?.stage;
    this.#mirror(mac, event);
    // A failed device is tried again and again; the log says it once.
    const slow = before?.tag === "failed" && this.registry.get(mac)?.stage === before;
    if (slow && event.kind !== "obtained") this.log.debug(`DHCPv4 for ${mac}, slow attempt: ${event.kind}`);
    else this.#report(mac, event);
  }

  #stage(mac: Mac, next: (device: Device) => Stage): void {
    const device = this.registry.get(mac);
    if (!device) return;
    const stage = next(device);
    if (stage !== device.stage) this.registry.put({ ...device, stage });
  }

  #mirror(mac: Mac, event: Dhcp4Event): void {
    if (event.kind === "failed") {
      this.#stage(mac, ({ stage }) =>
        stage.tag === "failed" && stage.reason === event.reason
          ? stage
          : { tag: "failed", reason: event.reason },
      );
    }
    if (event.kind !== "requesting" || event.how !== "discover") return;
    const { attempt, of } = event;
    // The slow attempts of a failed device do not make it look as if it were about to come up.
    this.#stage(mac, ({ stage }) =>
      stage.tag === "leased" || stage.tag === "failed" ? stage : { tag: "discovering", attempt, of },
    );
  }

  #report(mac: Mac, event: Dhcp4Event): void {
    const { log } = this;
    switch (event.kind) {
      case "requesting":
        if (event.how === "init-reboot") log.info(`DHCPv4 requested for ${mac}: verifying its lease`);
        else log.info(`DHCPv4 requested for ${mac} (attempt ${event.attempt}/${event.of})`);
        break;
      case "attempt-failed":
        log.warn(`DHCPv4 attempt ${event.attempt}/${event.of} failed for ${mac}: ${event.reason}`);
        break;
      case "obtained":
        log.info(
          `DHCPv4 obtained for ${mac}: ${event.lease.address}`,
          this.#leaseFields(event.lease, event.how),
        );
        break;
      case "renewed":
        log.info(
          `DHCPv4 renewed for ${mac}: ${event.lease.address}`,
          this.#leaseFields(event.lease, event.how),
        );
        break;
      case "lost":
        log.warn(`DHCPv4 lost for ${mac}: ${event.address}: ${event.reason}`);
        break;
      case "conflict":
        log.warn(`Address conflict for ${mac}: ${event.address} is also used by ${event.with}`);
        break;
      case "ignored":
        log.debug(`DHCPv4 message for ${mac} ignored: ${event.reason}`);
        break;
      case "failed":
        log.error(`Device ${mac} failed: ${event.reason}`);
        break;
      case "released":
        log.info(`DHCPv4 released for ${mac}: ${event.address}`);
        break;
    }
  }

  #leaseFields(lease: Lease4, how: string): Record<string, string> {
    const left =
      lease.expiresAt === never
        ? "infinite"
        : `${Math.round(toSeconds(between(this.now(), lease.expiresAt)))} s`;
    return { server: lease.serverId, lease: left, how };
  }
}
