import { expect, it } from "vitest";
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import { type HaproxySettings, renderHaproxy, renderHaproxyStatic } from "./haproxy.ts";
import { haproxyTables, renderMap } from "./haproxy-tables.ts";
import { autoPorts, exceptionsListener, type ProxyDesired, type ProxyDevice } from "./proxy.ts";

const settings = {
  ports: autoPorts([
    { port: 8080, target: 80 },
    { port: 2323, target: 23 },
  ]),
  exceptionsListener,
  stats: { address: "192.168.1.1" as Ip4, port: 8404, uri: "/stats" },
  sendProxy: false,
  maxConnections: 8000,
  logConnections: false,
  dropRights: true,
} satisfies HaproxySettings;

const device = (n: number, more: Partial<ProxyDevice> = {}): ProxyDevice => ({
  mac: `00:00:5e:00:53:0${n}` as Mac,
  lanIp: `192.168.1.10${n}` as Ip4,
  auto: true,
  addresses6: [`2001:db8::${n}` as Ip6],
  exceptions: [],
  ...more,
});

const desired = (...devices: ProxyDevice[]): ProxyDesired => ({ ...settings, devices });

it("renders the whole configuration, devices last", () => {
  const tables = haproxyTables(
    desired(device(1), device(2, { check: 5000, exceptions: [{ port: 8080, target: 5000 }] })),
  );
  expect(renderHaproxy(renderHaproxyStatic(settings), tables)).toMatchInlineSnapshot(`
    "# Written by the gateway; changes are lost.
    global
      description gateway-e14a65a7bff0af9f
      default-path config
      stats socket unix@haproxy.sock mode 600 level admin expose-fd listeners
      maxconn 8000
      spread-checks 50
      uid 65534
      gid 65534
      chroot haproxy-root

    ring gateway
      format iso
      maxlen 1000
      size 262144

    defaults
      mode tcp
      log ring@gateway len 1000 format raw local0 notice
      log-format "client=%ci client_port=%cp address=%fi port=%[var(txn.wan)] server=%s server_port=%sp sent=%B ms=%Tt end=%ts"
      option dontlog-normal
      timeout connect 10s
      timeout client 1d
      timeout server 1d
      retries 0
      option splice-auto
      option clitcpka
      clitcpka-idle 120s

    frontend ipv6_http_8080
      bind [::1]:61442 transparent v6only
      tcp-request connection reject unless { dst_port 8080 }
      tcp-request connection reject unless { dst,map_ip(haproxy-devices.map) -m found }
      tcp-request content set-var(txn.wan) dst_port
      tcp-request content set-var(txn.device) dst,map_ip(haproxy-devices.map)
      tcp-request content set-var(txn.port) var(txn.device),concat(:,txn.wan),map_str_int(haproxy-ports.map,80)
      tcp-request content set-dst-port var(txn.port)
      default_backend devices

    frontend ipv6_telnet_2323
      bind [::1]:61441 transparent v6only
      tcp-request connection reject unless { dst_port 2323 }
      tcp-request connection reject unless { dst,map_ip(haproxy-devices.map) -m found }
      tcp-request content set-var(txn.wan) dst_port
      tcp-request content set-var(txn.device) dst,map_ip(haproxy-devices.map)
      tcp-request content set-var(txn.port) var(txn.device),concat(:,txn.wan),map_str_int(haproxy-ports.map,23)
      tcp-request content set-dst-port var(txn.port)
      default_backend devices

    frontend ipv6_forwards
      bind [::1]:61440 transparent v6only
      tcp-request connection reject unless { dst,map_ip(haproxy-devices.map) -m found }
      tcp-request content set-var(txn.wan) dst_port
      tcp-request content set-var(txn.device) dst,map_ip(haproxy-devices.map)
      tcp-request content set-var(txn.port) var(txn.device),concat(:,txn.wan),map_str_int(haproxy-ports.map,0)
      tcp-request content reject if { var(txn.port) -m int 0 }
      tcp-request content set-dst-port var(txn.port)
      default_backend devices

    listen stats
      mode http
      bind 192.168.1.1:8404 transparent
      maxconn 50
      timeout http-request 10s
      timeout client 30s
      stats enable
      stats uri /stats
      stats refresh 10s

    backend devices
      use-server %[var(txn.device)] if TRUE
      force-persist if TRUE
      server device_00005e005301 192.168.1.101 check port 80 inter 30s fastinter 5s downinter 15s rise 1 fall 2
      server device_00005e005302 192.168.1.102 check port 5000 inter 30s fastinter 5s downinter 15s rise 1 fall 2
    "
  `);
});

it("tells texts apart by what a running instance says of itself, devices aside", () => {
  const changed: Partial<HaproxySettings>[] = [
    { sendProxy: true },
    { logConnections: true },
    { stats: undefined },
    { exceptionsListener: undefined },
    { maxConnections: 7999 },
    { dropRights: false },
    { ports: [] },
  ];
  const all = [{}, ...changed].map((change) => renderHaproxyStatic({ ...settings, ...change }).description);
  expect(new Set(all).size).toBe(all.length);
  expect(renderHaproxyStatic({ ...settings }).description).toBe(all[0]);
});

it("has devices hear of the client where that is wanted", () => {
  const text = renderHaproxy(
    renderHaproxyStatic({ ...settings, sendProxy: true }),
    haproxyTables(desired(device(1))),
  );
  expect(text).toMatch(/server device_00005e005301 192\.168\.1\.101 check port 80 .* send-proxy$/m);
});

it("gives each device a server, its addresses, and the ports that are not the first candidates", () => {
  const { servers, devices, ports } = haproxyTables(
    desired(
      device(1, { addresses6: ["2001:db8::1", "2001:db8:1::1"] as Ip6[] }),
      device(2, { auto: false, exceptions: [{ port: 9000, target: 9001 }] }),
      device(3, { auto: false }),
      device(4, { addresses6: ["2001:db8::1" as Ip6], check: 443 }),
    ),
  );
  expect([...servers]).toEqual([
    ["device_00005e005301", { address: "192.168.1.101", check: 80 }],
    ["device_00005e005302", { address: "192.168.1.102", check: 9001 }],
    ["device_00005e005304", { address: "192.168.1.104", check: 443 }],
  ]);
  expect(renderMap(devices)).toBe(
    "2001:db8::1 device_00005e005301\n2001:db8:1::1 device_00005e005301\n2001:db8::2 device_00005e005302\n",
  );
  expect(renderMap(ports)).toBe("device_00005e005302:9000 9001\n");
});
