import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cidr6 } from "../../src/base/cidr6.ts";
import type { Ip4 } from "../../src/base/ip4.ts";
import { embedIp4 } from "../../src/base/nat64.ts";
import type { Running } from "../exec.ts";
import type { DhcpPlace } from "./dhcp-server.ts";

/** Hosts beyond see clients under these addresses. */
const pool = "10.64.0.0/16";
const own = "10.64.0.1";

/** Starts a NAT64 (tayga) in a router: hosts beyond it see each IPv6 address as one of 10.64.0.0/16. */
export async function startNat64({ namespace, directory }: DhcpPlace, prefix: string): Promise<Running> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, "nat64.conf");
  const lines = [
    "tun-device nat64",
    `ipv4-addr ${own}`,
    "ipv6-addr fd00:64::1",
    `prefix ${prefix}`,
    `dynamic-pool ${pool}`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  await namespace.ip([
    "tuntap add dev nat64 mode tun",
    "link set nat64 up",
    `route add ${pool} dev nat64`,
    `route add ${prefix} dev nat64`,
  ]);
  return namespace.start(["tayga", "-d", `--config=${file}`]);
}

/** What a name server that knows the NAT64 makes of `ipv4only.arpa` (RFC 7050). */
export const ipv4Only = (prefix: string): readonly string[] => {
  const [address = "", length = "96"] = prefix.split("/");
  const net = { address, length: Number(length) } as Cidr6;
  return ["192.0.0.170", "192.0.0.171"].map((ip) => embedIp4(net, ip as Ip4));
};
