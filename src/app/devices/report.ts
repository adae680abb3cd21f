/** The words in which the log tells of a device's DHCP exchanges. */
import type { Mac } from "../../base/mac.ts";
import { between, type Instant, never, toSeconds } from "../../base/time.ts";
import type { Dhcp4Event } from "../../machine/dhcp4/interface.ts";
import type { Lease4 } from "../../machine/dhcp4/lease.ts";
import type { Dhcp6Event } from "../../machine/dhcp6/interface.ts";
import type { Lease6 } from "../../machine/dhcp6/lease.ts";
import type { Log, LogFields } from "../../ports/log.ts";
import { prefersIpv6 } from "./status.ts";

/** `expected`: the device works by the other family, and the network has this one for nobody. */
export function report4(log: Log, now: Instant, mac: Mac, event: Dhcp4Event, expected: boolean): void {
  switch (event.kind) {
    case "requesting":
      if (event.how === "init-reboot") log.info(`DHCPv4 requested for ${mac}: verifying its lease`);
      else log.info(`DHCPv4 requested for ${mac} (attempt ${event.attempt}/${event.of})`);
      break;
    case "obtained":
    case "renewed":
      log.info(`DHCPv4 ${event.kind} for ${mac}: ${event.lease.address}`, {
        ...fields4(event.lease, now),
        how: event.how,
      });
      break;
    case "lost":
    case "released":
      tellEnd(log, "DHCPv4", mac, event.kind, event.address, "reason" in event ? event.reason : "");
      break;
    case "conflict":
      log.warn(`Address conflict for ${mac}: ${event.address} is also used by ${event.with}`);
      break;
    case "attempt-failed":
    case "ignored":
    case "failed":
      tellTrouble(log, "DHCPv4", mac, event, expected);
      break;
    case "resting":
      log.info(`DHCPv4 rests for ${mac}: ${prefersIpv6}`, {
        for: spanTo(event.until, now),
      });
      break;
  }
}

export function report6(log: Log, now: Instant, mac: Mac, event: Dhcp6Event, expected: boolean): void {
  switch (event.kind) {
    case "requesting":
      if (event.how === "confirm") log.info(`DHCPv6 requested for ${mac}: confirming its lease`);
      else if (event.how === "information-request") log.info(`DHCPv6 information requested for ${mac}`);
      else log.info(`DHCPv6 requested for ${mac} (attempt ${event.attempt}/${event.of})`);
      break;
    case "obtained":
    case "renewed":
      log.info(`DHCPv6 ${event.kind} for ${mac}: ${addressesOf(event.lease)}`, {
        lease: spanTo(firstEnd(event.lease), now),
        how: event.how,
      });
      break;
    case "informed":
      log.info(`DHCPv6 information for ${mac}`, { dns: event.information.dnsServers.join(" ") || "none" });
      break;
    case "lost":
    case "released":
      tellEnd(
        log,
        "DHCPv6",
        mac,
        event.kind,
        event.addresses.join(", "),
        "reason" in event ? event.reason : "",
      );
      break;
    case "conflict":
      log.warn(`Address conflict for ${mac}: another host uses ${event.address}`);
      break;
    case "attempt-failed":
    case "ignored":
    case "failed":
      tellTrouble(log, "DHCPv6", mac, event, expected);
      break;
  }
}

type Trouble =
  | {
      readonly kind: "attempt-failed";
      readonly attempt: number;
      readonly of: number;
      readonly reason: string;
    }
  | { readonly kind: "ignored" | "failed"; readonly reason: string };

function tellTrouble(log: Log, what: string, mac: Mac, event: Trouble, expected: boolean): void {
  switch (event.kind) {
    case "attempt-failed": {
      const text = `${what} attempt ${event.attempt}/${event.of} failed for ${mac}: ${event.reason}`;
      if (expected) log.debug(text);
      else log.warn(text);
      break;
    }
    case "ignored":
      log.debug(`${what} message for ${mac} ignored: ${event.reason}`);
      break;
    case "failed":
      if (expected) log.info(`Device ${mac} works without ${what}, which this network does not offer`);
      else log.error(`Device ${mac} failed: ${event.reason}`);
      break;
  }
}

function tellEnd(
  log: Log,
  what: string,
  mac: Mac,
  how: "lost" | "released",
  which: string,
  why: string,
): void {
  if (how === "lost") log.warn(`${what} lost for ${mac}: ${which}: ${why}`);
  else log.info(`${what} released for ${mac}: ${which}`);
}

const spanTo = (end: Instant, now: Instant): string =>
  end === never ? "infinite" : `${Math.round(toSeconds(between(now, end)))} s`;

const fields4 = (lease: Lease4, now: Instant): LogFields => ({
  server: lease.serverId,
  lease: spanTo(lease.expiresAt, now),
});

const addressesOf = (lease: Lease6): string => lease.addresses.map((a) => a.address).join(", ");
const firstEnd = (lease: Lease6): Instant =>
  lease.addresses.reduce<Instant>((end, a) => (a.validUntil < end ? a.validUntil : end), never);
