import { expect, test } from "vitest";
import type { ProxyDesired } from "./proxy.ts";
import { ip, ip6, mac } from "./sample.fixture.ts";
import { socatArgs, socatKey, socatProxies } from "./socat.ts";

const desired: ProxyDesired = {
  ports: [
    { port: 8080, target: 80, listener: 61441 },
    { port: 2323, target: 23, listener: 61442 },
  ],
  exceptionsListener: 61440,
  sendProxy: false,
  devices: [
    {
      mac: mac("00:00:5e:00:53:01"),
      lanIp: ip("192.168.1.20"),
      auto: true,
      addresses6: [ip6("2001:db8::1"), ip6("2001:db8::2")],
      exceptions: [],
    },
    {
      mac: mac("00:00:5e:00:53:02"),
      lanIp: ip("192.168.1.21"),
      auto: true,
      addresses6: [ip6("2001:db8::3")],
      exceptions: [{ port: 8080, target: 5000 }],
    },
    {
      mac: mac("00:00:5e:00:53:03"),
      lanIp: ip("192.168.1.22"),
      auto: false,
      addresses6: [ip6("2001:db8::4")],
      exceptions: [{ port: 9000, target: 9 }],
    },
  ],
};

const short = socatProxies(desired).map(
  ({ listen, target }) => `${listen.ip} ${listen.port} -> ${target.ip} ${target.port}`,
);

test("each address and port once; what only one device has comes first and beats the automatic", () => {
  expect(short).toEqual([
    "2001:db8::3 8080 -> 192.168.1.21 5000",
    "2001:db8::4 9000 -> 192.168.1.22 9",
    "2001:db8::1 8080 -> 192.168.1.20 80",
    "2001:db8::1 2323 -> 192.168.1.20 23",
    "2001:db8::2 8080 -> 192.168.1.20 80",
    "2001:db8::2 2323 -> 192.168.1.20 23",
    "2001:db8::3 2323 -> 192.168.1.21 23",
  ]);
});

test("the arguments name the address alone, and mark process and socket as ours", () => {
  const [first] = socatProxies(desired);
  expect(first && socatArgs(first)).toMatchInlineSnapshot(`
    [
      "-lpipv4-ipv6-gateway",
      "-T86400",
      "TCP6-LISTEN:8080,bind=[2001:db8::3],ipv6only=1,ip-transparent,reuseaddr,fork,backlog=128,nodelay,keepalive,keepidle=60,keepintvl=30,keepcnt=5",
      "TCP4:192.168.1.21:5000,connect-timeout=10,nodelay,keepalive,keepidle=60,keepintvl=30,keepcnt=5",
    ]
  `);
});

test("another target is another process", () => {
  const keys = socatProxies(desired).map(socatKey);
  expect(new Set(keys).size).toBe(keys.length);
});
