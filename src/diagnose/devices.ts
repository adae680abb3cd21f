/** Each device: why it does not work, and how long it will. */
import type { WallTime } from "../base/time.ts";
import type { StoredDevice } from "../config/state-device.ts";
import { isClockWrong } from "./clock.ts";
import type { Facts } from "./facts.ts";
import { advice, type Check, note, ok, problem, unseen, type Verdict, warning } from "./finding.ts";
import { deviceText, plural } from "./views.ts";

const unansweredReason = /is this MAC registered\?|no answer to DHCP/;

/** What is said of a device whose IPv4 is translated: nothing is missing. */
const isTranslated = ({ reason }: StoredDevice): boolean => /its IPv4 goes by 464XLAT/.test(reason ?? "");

const line = (d: StoredDevice): string => `${deviceText(d)}: ${d.status}${d.reason ? `, ${d.reason}` : ""}`;

const deviceStates: Check = {
  id: "devices",
  area: "devices",
  title: "every device works",
  looksAt: "each device that is not active, and why, in words.",
  means: "As its reason says.",
  remedy: "As its reason says.",
  run({ state: { devices, hidden } }) {
    if (devices.length === 0 && hidden) return unseen(hidden);
    if (devices.length === 0) return note("No device is known yet: none has been heard on the LAN.");
    const failed = devices.filter((d) => d.status === "failed" && !unansweredReason.test(d.reason ?? ""));
    const trying = devices.filter(({ status }) => status === "pending" || status === "discovering");
    const away = devices.filter(({ status }) => status === "inactive");
    const active = devices.filter(({ status }) => status === "active");
    const translated = active.filter(isTranslated);
    const halves = active.filter(
      (d) => d.reason !== null && !unansweredReason.test(d.reason) && !isTranslated(d),
    );
    return [
      ...(failed.length > 0
        ? [
            problem(
              `${plural(failed.length, "device")} failed.`,
              failed.map(line),
              advice("network", "See the reason of each."),
            ),
          ]
        : []),
      ...(trying.length > 0
        ? [note(`${plural(trying.length, "device")} on the way.`, trying.map(line))]
        : []),
      ...(away.length > 0
        ? [
            note(
              `${plural(away.length, "device")} not heard for long: switched off, or unplugged.`,
              away.map(line),
            ),
          ]
        : []),
      ...(halves.length > 0
        ? [note(`${plural(halves.length, "device")} active, with something missing.`, halves.map(line))]
        : []),
      ...(failed.length + trying.length + away.length + halves.length === 0
        ? [ok(`${plural(active.length, "device is", "devices are")} active.`, translated.map(line))]
        : []),
    ];
  },
};

const unanswered: Check = {
  id: "unanswered",
  area: "devices",
  title: "the network answers every device",
  looksAt: "devices whose DHCP or whose router nobody answers.",
  means: "The network drops what this MAC sends: it is not registered.",
  remedy: "Register the MAC; the device comes up by itself within `dhcpv4.failed_retry`.",
  run({ state: { devices }, daemon }) {
    const silent = devices.filter(
      ({ reason, status }) => status !== "inactive" && unansweredReason.test(reason ?? ""),
    );
    if (silent.length === 0)
      return devices.length === 0 && daemon.pid === undefined
        ? unseen("No device is known.")
        : ok("No device is left without an answer.");
    const all = silent.length === devices.length && devices.length > 1;
    return problem(
      all
        ? `None of ${plural(devices.length, "device")} is answered: no server, or none of the MACs is registered.`
        : `The network does not answer ${plural(silent.length, "device")}: probably not registered.`,
      silent.map(line),
      advice(
        "network",
        `Have ${silent.length === 1 ? "this MAC" : "these MACs"} registered with the network: ${silent
          .slice(0, 8)
          .map((d) => d.mac_address)
          .join(", ")}${silent.length > 8 ? ", …" : ""}`,
      ),
    );
  },
};

const refused: Check = {
  id: "refused",
  area: "devices",
  title: "no MAC is refused",
  looksAt: "MACs that the gateway does not serve, and why.",
  means:
    "The MAC speaks on both sides, is one of the gateway's own, or there are more devices than `discovery.max_devices`.",
  remedy: "As the reason says; those refused by `discovery.allow` and `deny` are refused on purpose.",
  run({ state }) {
    if (state.refused.length === 0) return ok("No MAC is refused.");
    const wanted = state.refused.filter(({ reason }) => /discovery\.(allow|deny)/.test(reason ?? ""));
    const others = state.refused.filter((d) => !wanted.includes(d));
    const lines = (devices: readonly StoredDevice[]) => devices.map((d) => `${deviceText(d)}: ${d.reason}`);
    return [
      ...(others.length > 0
        ? [
            warning(
              `${plural(others.length, "MAC is", "MACs are")} not served.`,
              lines(others),
              advice("network", "See the reason of each."),
            ),
          ]
        : []),
      ...(wanted.length > 0
        ? [note(`${plural(wanted.length, "MAC is", "MACs are")} refused as configured.`, lines(wanted))]
        : []),
    ];
  },
};

/** A renewal is written to the disk half a minute late. */
const writtenLate = 45_000;
const lastMinute = 60_000;

interface Ending {
  readonly device: StoredDevice;
  readonly text: string;
}

/** Infinite times are never near. */
function endingOf(device: StoredDevice, now: WallTime): readonly Ending[] {
  const four = device.lease4;
  const six = device.lease6;
  const until6 = Math.max(
    ...(six?.addresses.map((a) => a.valid_until as number) ?? [Number.NEGATIVE_INFINITY]),
  );
  const leases = [
    ...(four
      ? [
          {
            name: four.address as string,
            rebindAt: four.rebind_at as number,
            endsAt: four.expires_at as number,
          },
        ]
      : []),
    ...(six
      ? [{ name: six.addresses[0]?.address as string, rebindAt: six.rebind_at as number, endsAt: until6 }]
      : []),
  ];
  return leases.flatMap(({ name, rebindAt, endsAt }) => {
    const isLate = now > rebindAt + writtenLate || (now > rebindAt && endsAt - now < lastMinute);
    if (!isLate || !Number.isFinite(endsAt)) return [];
    const left = Math.round((endsAt - now) / 1000);
    return [
      {
        device,
        text: left > 0 ? `${name} ends in ${left} s, and nobody renewed it` : `${name} ended ${-left} s ago`,
      },
    ];
  });
}

const leases: Check = {
  id: "leases",
  area: "devices",
  title: "leases are renewed",
  looksAt: "leases past their rebinding time (T2), or within a minute of their end.",
  means: "No server answers renewals, or nobody asks: the device is about to lose its address.",
  remedy: "Start the gateway; see whether the DHCP server is there.",
  run(facts: Facts): Verdict {
    const { state, now, daemon } = facts;
    // Whoever's clock is wrong is told so by its own check.
    if (state.writtenAt !== undefined && now < state.writtenAt - lastMinute)
      return unseen("The clock stands before the state file's time: ages of leases cannot be told.");
    if (isClockWrong(facts))
      return unseen("The clock is wrong, or was: ages of leases cannot be told. See clock.");
    const known = state.devices.filter((d) => d.status === "active" || d.status === "inactive");
    const endings = known.flatMap((device) => endingOf(device, now));
    if (endings.length === 0) return ok(`${plural(known.length, "device")}: no lease is near its end.`);
    return warning(
      `${plural(endings.length, "lease is", "leases are")} near the end and not renewed.`,
      endings.map(({ device, text }) => `${deviceText(device)}: ${text}`),
      advice(
        "network",
        daemon.pid === undefined
          ? "Start the gateway, which renews them."
          : "See whether the network's DHCP server is there.",
      ),
    );
  },
};

export const deviceChecks: readonly Check[] = [deviceStates, unanswered, refused, leases];
