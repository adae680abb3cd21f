/** Effects as lines for tests. */
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import type { Dhcp6Effect, Dhcp6Event } from "./interface.ts";
import type { Lease6, LeasedAddress } from "./lease.ts";

export function describe(effect: Dhcp6Effect): string {
  switch (effect.kind) {
    case "send":
      return describeMessage(effect.message);
    case "configure":
      return `configure ${effect.lease.addresses.map(lifetimes).join(", ")}`;
    case "deconfigure":
      return "deconfigure";
    case "information":
      return `information ${effect.information.dnsServers.join(" ")}`.trimEnd();
    case "event":
      return `* ${describeEvent(effect.event)}`;
  }
}

const lifetimes = ({ address, preferredUntil, validUntil }: LeasedAddress): string =>
  `${address} to ${preferredUntil / 1000}/${validUntil / 1000}`;

/** Type, receiver, elapsed time in hundredths of a second, addresses. */
function describeMessage({ type, options }: Dhcp6Message): string {
  const addresses = (options.iaNa ?? []).flatMap((ia) => ia.addresses.map(({ address }) => address));
  const to = options.serverId === undefined ? "to all" : `to s${options.serverId.at(-1)}`;
  return [type.toUpperCase(), to, `e=${options.elapsed}`, ...addresses].join(" ");
}

const all = (lease: Lease6): string => lease.addresses.map(({ address }) => address).join(" ");

function describeEvent(event: Dhcp6Event): string {
  switch (event.kind) {
    case "requesting":
      return `${event.how} ${event.attempt}/${event.of}`;
    case "attempt-failed":
      return `attempt ${event.attempt}/${event.of} failed: ${event.reason}`;
    case "obtained":
    case "renewed":
      return `${event.kind} ${all(event.lease)} by ${event.how}`;
    case "informed":
      return "informed";
    case "lost":
      return `lost ${event.addresses.join(" ")}: ${event.reason}`;
    case "conflict":
      return `conflict over ${event.address}`;
    case "ignored":
      return `ignored: ${event.reason}`;
    case "failed":
      return `failed: ${event.reason}`;
    case "released":
      return `released ${event.addresses.join(" ")}`;
  }
}
