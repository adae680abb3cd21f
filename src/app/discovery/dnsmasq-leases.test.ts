import { expect, test } from "vitest";
import { parseDnsmasqLeases } from "./dnsmasq-leases.ts";

/** As dnsmasq 2.89 writes it: with a name, without one, infinite, another hardware type, and DHCPv6 below its own line. */
const file = `1764000000 00:11:22:33:44:51 192.168.1.100 cam 01:00:11:22:33:44:51
1764000100 00:11:22:33:44:52 192.168.1.101 * *
0 00:11:22:33:44:53 192.168.1.102 nas *
1764000200 06-00:11:22:33:44:54 192.168.1.103 * *
duid 00:01:00:01:2d:00:00:00:00:11:22:33:44:55
1764000300 12345 fd00::100 cam 00:04:aa
`;

test("each IPv4 lease on Ethernet is a sighting from memory", () => {
  const remembered = { alive: false, how: "lease" };
  expect(parseDnsmasqLeases(file)).toEqual([
    { mac: "00:11:22:33:44:51", ip: "192.168.1.100", hostname: "cam", ...remembered },
    { mac: "00:11:22:33:44:52", ip: "192.168.1.101", ...remembered },
    { mac: "00:11:22:33:44:53", ip: "192.168.1.102", hostname: "nas", ...remembered },
  ]);
});

test.each(["", "\n\n", "garbage", "1 2 3 4 5\n", `${"x ".repeat(1000)}\n`])("%j holds no lease", (text) => {
  expect(parseDnsmasqLeases(text)).toEqual([]);
});
