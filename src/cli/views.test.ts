import { expect, test } from "vitest";
import type { DeviceDetailJson, PlanJson, RecentEntryJson } from "../api/contract.ts";
import { wallTime } from "../base/time.ts";
import { renderDevice, sizeText } from "./device-view.ts";
import { Known, renderEvent } from "./event-lines.ts";
import { areToday, happening, momentText } from "./happenings.ts";
import { renderPlan } from "./plan-view.ts";

const now = wallTime(new Date(2026, 0, 31, 14, 5, 0).getTime());
const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();
const options = { now, width: 80, color: false };
const entry = (change: Partial<RecentEntryJson>): RecentEntryJson => ({
  mac_address: "00:00:5e:00:53:01",
  hostname: "camera",
  at: at(98),
  kind: "seen",
  family: null,
  detail: "192.168.1.20",
  count: 1,
  ...change,
});

const detail: DeviceDetailJson = {
  mac_address: "00:00:5e:00:53:01",
  ipv4_address: "192.168.1.20",
  ipv4_wan_address: "198.51.100.20",
  ipv6_address: "2001:db8:a:0:200:5eff:fe00:5301,2001:db8:a::1001",
  status: "active",
  reason: null,
  hostname: "camera",
  discovered_at: at(7500),
  last_seen: at(5),
  interface: "gw00005e005301",
  inbound: "all",
  inbound_from: ["2001:db8:7::/48"],
  lease4: {
    address: "198.51.100.20",
    prefix_length: 24,
    routes: [{ destination: "0.0.0.0/0", router: "198.51.100.1" }],
    dns_servers: ["198.51.100.1"],
    ntp_servers: [],
    domain_name: null,
    domain_search: [],
    mtu: null,
    v6_only_preferred: null,
    server_id: "198.51.100.1",
    server_mac: "02:00:5e:10:00:01",
    acquired_at: at(200),
    renew_at: at(-100),
    rebind_at: at(-325),
    expires_at: at(-400),
  },
  lease6: {
    addresses: [{ address: "2001:db8:a::1001", preferred_until: at(-300), valid_until: null }],
    dns_servers: [],
    domain_search: [],
    ntp_servers: [],
    server_id: "00030001020000000001",
    acquired_at: at(200),
    renew_at: at(-100),
    rebind_at: null,
  },
  forwards: [
    {
      protocol: "tcp",
      port: 8080,
      target: 80,
      automatic: true,
      addresses: ["198.51.100.20", "2001:db8:a::1001"],
      open: true,
    },
    {
      protocol: "tcp",
      port: 9000,
      target: 81,
      automatic: false,
      addresses: ["198.51.100.20"],
      open: false,
    },
  ],
  proxy_check: "up",
  counters: { received_bytes: 1_234_567, received_packets: 1034, sent_bytes: 987, sent_packets: 12 },
  timeline: [
    { at: at(98), kind: "seen", family: null, detail: "192.168.1.20", count: 1 },
    {
      at: at(97),
      kind: "attempt-failed",
      family: "ipv4",
      detail: "attempt 1 of 3: no answer to DHCP: is this MAC registered?",
      count: 3,
    },
  ],
};

test("one device, all of it, in 80 columns", () => {
  const text = renderDevice(detail, options);
  expect(text).toMatchInlineSnapshot(`
    "00:00:5e:00:53:01  camera
      status     active, seen 5 s ago, known for 2 h 5 min
      LAN        192.168.1.20
      interface  gw00005e005301
      WAN IPv4   198.51.100.20/24 by DHCP from 198.51.100.1 (02:00:5e:10:00:01)
                 obtained 3 min 20 s ago, expires in 6 min 40 s
                 renews in 1 min 40 s (T1), rebinds in 5 min 25 s (T2)
                 router 198.51.100.1; name servers 198.51.100.1
      WAN IPv6   2001:db8:a:0:200:5eff:fe00:5301 by SLAAC
                 2001:db8:a::1001 by DHCPv6
                 obtained 3 min 20 s ago, never expires
                 renews in 1 min 40 s (T1), never rebinds (T2)
                 server 00030001020000000001; name servers none
      traffic    received 1.2 MB in 1034 packets, sent 987 B in 12
      forwards   8080/tcp to its port 80, 9000/tcp to its port 81 (closed)
      inbound    every port and ping, from 2001:db8:7::/48

    What happened
      14:03:22  seen on the LAN: 192.168.1.20
      14:03:23  IPv4 not obtained: attempt 1 of 3: no answer to DHCP: is this MAC
                registered? (3 times)
    "
  `);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("a device that has nothing yet", () => {
  const bare: DeviceDetailJson = {
    ...detail,
    status: "failed",
    reason: "no answer to DHCP: is this MAC registered?",
    hostname: null,
    lease4: null,
    lease6: null,
    ipv4_wan_address: null,
    ipv6_address: null,
    counters: null,
    forwards: [],
    proxy_check: null,
    timeline: [],
  };
  expect(renderDevice(bare, options)).toMatchInlineSnapshot(`
    "00:00:5e:00:53:01
      status     failed, seen 5 s ago, known for 2 h 5 min
                 no answer to DHCP: is this MAC registered?
      LAN        192.168.1.20
      interface  gw00005e005301, not there
      WAN IPv4   none
      WAN IPv6   none
      forwards   none
      inbound    every port and ping, from 2001:db8:7::/48
    "
  `);
});

test.each([
  [999, "999 B"],
  [1000, "1 kB"],
  [1_234_567, "1.2 MB"],
  [999_999, "1 MB"],
  [123_456_789_012, "123 GB"],
])("%i bytes are %s", (bytes, text) => expect(sizeText(bytes)).toBe(text));

test("events are a line each, and go on beneath only where a person looks", () => {
  const failed = entry({
    kind: "failed",
    family: "ipv4",
    hostname: "a-very-long-host-name",
    detail: "no answer to DHCP: is this MAC registered?",
    count: 4,
  });
  expect(renderEvent(failed, { ...options, wraps: false, dated: false })).toBe(
    "14:03:22  00:00:5e:00:53:01  a-very-long…  IPv4 failed: no answer to DHCP: is this MAC registered? (4 times)\n",
  );
  expect(renderEvent(failed, { ...options, wraps: true, dated: false })).toMatchInlineSnapshot(`
    "14:03:22  00:00:5e:00:53:01  a-very-long…  IPv4 failed: no answer to DHCP: is
                                               this MAC registered? (4 times)
    "
  `);
  expect(happening(entry({ detail: "" }))).toBe("seen on the LAN");
  expect(happening(entry({ kind: "lost", detail: "\x1b[31mred" }))).toBe("lost: \\u{1b}[31mred");
  expect(momentText(at(86_400), true)).toBe("01-30 14:05:00");
  expect([areToday([at(0), at(60)], now), areToday([at(0), at(86_400)], now)]).toEqual([true, false]);
});

test("an event that stands in the past and is told as well is printed once", () => {
  const printed: string[] = [];
  const old = [entry({ kind: "seen" }), entry({ kind: "requesting" })];
  const known = new Known((e) => printed.push(e.kind), old);
  known.note([...old, entry({ kind: "obtained" })]);
  known.add(entry({ kind: "requesting" }));
  known.add(entry({ kind: "configured" }));
  known.note([entry({ kind: "obtained" }), entry({ kind: "configured" }), entry({ kind: "renewed" })]);
  expect(printed).toEqual(["obtained", "configured", "renewed"]);
});

const plan: PlanJson = {
  checked_at: at(0),
  busy: false,
  total: 3,
  counts: [
    { verb: "add", kind: "address", count: 1 },
    { verb: "remove", kind: "rule", count: 2 },
  ],
  actions: [
    {
      verb: "add",
      kind: "address",
      subject: "a",
      commands: ["ip address add 198.51.100.20/24 dev gw00005e005301 noprefixroute and more words"],
    },
    {
      verb: "remove",
      kind: "rule",
      subject: "r",
      commands: ["ip rule delete pref 10000 type nop protocol 71"],
    },
  ],
};

test("a plan, grouped; what is not listed is counted", () => {
  expect(renderPlan(plan, options)).toMatchInlineSnapshot(`
    "add 1 address
      ip address add 198.51.100.20/24 dev gw00005e005301 noprefixroute and more
          words
    remove 2 routing rules
      ip rule delete pref 10000 type nop protocol 71
    ... and 1 more that are not listed

    3 changes to make; none was made by this command.
    "
  `);
  const none = { ...plan, total: 0, counts: [], actions: [] };
  expect(renderPlan(none, options)).toBe("Nothing to do.\n");
  expect(renderPlan({ ...none, busy: true }, options)).toMatch(/^Nothing to do\.\nThe gateway was changing/);
});
