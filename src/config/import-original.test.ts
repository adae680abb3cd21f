import { expect, test } from "vitest";
import { must } from "../base/parsed.ts";
import { importOriginalConfig } from "./import-original.ts";
import { parseConfig } from "./parse.ts";
import { readPythonConstants } from "./python-constants.ts";

const original = `#!/usr/bin/env python3
"""Gateway configuration"""
import os

ETH0_INTERFACE = "eth0"  # WAN
ETH1_INTERFACE = 'br-lan'
LAN_GATEWAY_IP = "192.168.7.1"
DHCPV4_TIMEOUT = 20
DHCPV6_RETRY_COUNT = 3
MAX_DEVICES = 1
ENABLE_WAN_MONITOR = False
LOG_LEVEL: str = "WARNING"
CONFIG_DIR = "/etc/ipv4-ipv6-gateway"
DEVICES_FILE = os.path.join(CONFIG_DIR, "devices.json")
API_HOST = "0.0.0.0"
API_PORT = 70000
IPV6_PROXY_BACKEND = "haproxy"
AUTO_PORT_FORWARDS = {
    8080: 80,  # web
    2323: 23,
}
TIMES = 60 * 60

def validate():
    DHCPV4_TIMEOUT = 99
    return True
`;

test("the original's constants become our configuration, and the rest is told", () => {
  const { toml, notes } = must(importOriginalConfig(original));
  const outcome = parseConfig(toml, "gateway.toml");
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const { lan, wan, dhcpv4, dhcpv6, discovery, forwards, proxy, log, api } = outcome.config;
  expect([lan.interface, lan.address.ip, lan.address.length]).toEqual(["br-lan", "192.168.7.1", 24]);
  expect([wan.interface, wan.monitor]).toEqual(["eth0", false]);
  expect([dhcpv4.timeout, dhcpv6.retries, discovery.max_devices]).toEqual([20_000, 3, 1000]);
  expect([proxy.backend, log.level, api.port]).toEqual(["haproxy", "warn", 5050]);
  expect(forwards.ports).toEqual([
    { port: 2323, devicePorts: [23] },
    { port: 8080, devicePorts: [80] },
  ]);
  expect(notes).toEqual([
    "DEVICES_FILE is not a plain value; it is left out.",
    "TIMES is not a plain value; it is left out.",
    "MAX_DEVICES = 1 is left out: its later versions served one device; here it stays at the default.",
    "API_HOST is left out: the API listens on the LAN and on localhost, never on the WAN (api.listen).",
    "API_PORT = 70000 is left out: api.port = 70000: must be a whole number from 1 to 65535.",
  ]);
});

test("a file without any of them is refused", () => {
  expect(importOriginalConfig("print('hello')\nFOO = 1\n")).toEqual({
    ok: false,
    error: "it holds none of the original's settings",
  });
});

test("literals, and nothing but literals", () => {
  const text = `A = [1, -2.5, "x", ]
B = ("a", 'b')
C = {"k": {"n": None}, 5: [True, False]}
D = """long
text"""
E = 1_000
F = f"no"
G = 1 + 1
H == 3
I = {
  1: 2
J = "after an open brace"
  K = 1
A = "twice"
`;
  const { values, unread } = readPythonConstants(text);
  expect(Object.fromEntries(values)).toEqual({
    A: "twice",
    B: ["a", "b"],
    C: { k: { n: null }, 5: [true, false] },
    D: "long\ntext",
    E: 1000,
    J: "after an open brace",
  });
  expect(unread).toEqual(["F", "G", "I"]);
});
