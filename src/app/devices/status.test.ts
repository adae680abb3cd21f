import { expect, test } from "vitest";
import { admitted, deviceAt, lease6At, leaseAt, serving } from "../../../test/support/devices.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { minutes, parseWall, wallTime } from "../../base/time.ts";
import { ip, net6 } from "../../plan/sample.fixture.ts";
import { blank, type Device, type Ipv6State, type OwnAddress6 } from "./device.ts";
import { type Offered, reasonOf, statusOf } from "./status.ts";

const clock = new FakeClock();
const lanIp = ip("192.168.1.50");
const both: Offered = { ipv4: true, ipv6: true };
const asking = (attempt = 1) => ({ tag: "asking", attempt, of: 5 }) as const;
const failed = (reason: string) => ({ tag: "failed", reason }) as const;
const address = (state: OwnAddress6["state"]): OwnAddress6 => ({
  ip: must(parseIp6("2001:db8::1")),
  origin: "slaac",
  state,
});
const six = (over: Partial<Ipv6State>): Pick<Device, "ipv6"> => ({ ipv6: { ...blank.ipv6, ...over } });
const works6 = six({ addresses: [address("usable")], installed: true });
const works4 = serving(leaseAt(clock.now()));
const leased6 = six({ dhcp: { tag: "leased", lease: lease6At(clock.now()) } });

const resting = { tag: "resting", until: parseWall("2026-01-02T03:04:05Z") ?? wallTime(0) } as const;

test.each<[string, Partial<Device>, Offered?]>([
  ["pending", {}],
  ["failed: refused: …", { stage: { tag: "refused", reason: "refused: …" } }],
  ["pending", admitted()],
  ["discovering", admitted(asking())],
  ["discovering: attempt 2 of 5", admitted(asking(2))],
  ["discovering: attempt 3 of 5", { ...admitted(failed("no answer")), ...six({ dhcp: asking(3) }) }],
  ["discovering", { ...admitted(failed("no answer")), ...six({ addresses: [address("tentative")] }) }],
  ["discovering", { ...admitted(), ...leased6 }],
  ["failed: no answer", { ...admitted(failed("no answer")), ...six({ dhcp: failed("silence") }) }],
  ["failed: silence", { ...admitted(), ...six({ dhcp: failed("silence") }) }],
  ["active", { ...works4, lanIp }],
  ["active: its LAN address is not known yet", works4],
  ["active", { ...admitted(asking(4)), ...works6 }],
  ["active", { ...admitted(failed("no answer")), ...works6 }, { ipv4: false, ipv6: true }],
  ["active: no IPv4: no answer", { ...admitted(failed("no answer")), ...works6 }, both],
  [
    "active: the network prefers IPv6 only (RFC 8925), DHCPv4 rests until 2026-01-02 03:04:05 UTC; its IPv4 goes by 464XLAT (NAT64 64:ff9b::/96)",
    { ...admitted(resting), ...works6, nat64: net6("64:ff9b::/96") },
    { ipv4: true, ipv6: true },
  ],
  [
    "pending: the network prefers IPv6 only (RFC 8925), DHCPv4 rests until 2026-01-02 03:04:05 UTC",
    admitted(resting),
  ],
  ["active: no IPv6: silence", { ...works4, lanIp, ...six({ dhcp: failed("silence") }) }, both],
  ["active", { ...works4, lanIp, ...works6, ipv6: { ...works6.ipv6, dhcp: failed("silence") } }, both],
  [
    "active: another host uses its IPv6 address 2001:db8::1 (duplicate address detection)",
    { ...works4, lanIp, ...six({ addresses: [address("duplicate")] }) },
  ],
])("%s", (shown, state, offered) => {
  const device = deviceAt(clock, state);
  const reason = reasonOf(device, offered);
  expect(statusOf(device, clock.now(), minutes(5)) + (reason ? `: ${reason}` : "")).toBe(shown);
});

test("a device that falls silent is inactive, by whichever family it works", () => {
  const device = deviceAt(clock, { ...admitted(), ...works6 });
  clock.pass(minutes(6));
  expect(statusOf(device, clock.now(), minutes(5))).toBe("inactive");
});
