import { expect, test } from "vitest";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { parseIp4 } from "../../base/ip4.ts";
import { parseIp6 } from "../../base/ip6.ts";
import { parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import { wanGroup } from "../../plan/marks.ts";
import { byKey, type Resource } from "../../plan/resource.ts";
import { BroadcastFilter, removeBroadcastFilter } from "./broadcast-filter.ts";

const table = "netdev ipv4_ipv6_gateway_heard";
const removal = `add table ${table}\ndelete table ${table}\n`;

function scene({ silent = true, refuses = (_: string): boolean => false } = {}) {
  const scripts: string[] = [];
  const log = new MemoryLog();
  const nft = async (script: string): Promise<void> => {
    if (refuses(script)) throw new Error("Operation not supported");
    scripts.push(script);
  };
  const filter = new BroadcastFilter({ kernel: { nft }, log, wanPort: "eth0", silent });
  /** Each address of the identity whose number is its last one, unless told `address=number`. */
  const passed = async (whole: boolean, ...ips: string[]): Promise<void> => {
    const resources = ips.flatMap((text) => identityWith(...(text.split("=") as [string, string?])));
    const lan: Resource = { kind: "address", ifname: "eth1", ip: must(parseIp4("10.0.0.1")), length: 24 };
    filter.passed(byKey([lan, ...resources]), whole);
    await filter.settled();
  };
  return { scripts, log, passed };
}

function identityWith(ip: string, number = ip.split(".")[3]): Resource[] {
  const ifname = `gw00000000000${number}`;
  const link = { parent: "eth0", mtu: 1500, group: wanGroup, up: true } as const;
  return [
    { kind: "identity", ifname, mac: must(parseMac(`00:00:00:00:00:0${number}`)), ...link },
    ip.includes(":")
      ? { kind: "address6", ifname, ip: must(parseIp6(ip)), length: 128, origin: "leased" }
      : { kind: "address", ifname, ip: must(parseIp4(ip)), length: 24 },
  ];
}

test("questions for an identity go to it alone, what none listens to is dropped; a whole pass makes it anew, others add", async () => {
  const { scripts, passed } = scene();
  await passed(true, "192.0.2.7", "192.0.2.8");
  expect(scripts[0]).toBe(`${removal}table ${table} {
  map held {
    type ipv4_addr : ether_addr
    elements = { 192.0.2.7 : 00:00:00:00:00:07, 192.0.2.8 : 00:00:00:00:00:08 }
  }
  set like_made {
    typeof @nh,384,128
  }
  chain to_all {
    ether type { 8021q, 8021ad } accept
    arp operation request ether daddr set arp daddr ip map @held accept
    arp operation request drop
    meta protocol ip drop
  }
  chain to_many {
    ether type { 8021q, 8021ad } accept
    icmpv6 type nd-neighbor-solicit @nh,472,16 0xfffe @nh,384,128 @like_made accept
    icmpv6 type nd-neighbor-solicit @nh,472,16 0xfffe @ll,24,24 set @nh,488,24 @ll,0,24 set @nh,448,24 xor 0x020000 accept
    meta protocol ip6 meta l4proto != ipv6-icmp drop
    icmpv6 type { nd-router-solicit, mld-listener-report, mld-listener-done, mld2-listener-report } drop
    meta protocol ip drop
  }
  chain heard {
    type filter hook ingress device "eth0" priority filter; policy accept;
    meta pkttype broadcast goto to_all
    meta pkttype multicast goto to_many
  }
}
`);
  await passed(false, "192.0.2.9");
  await passed(false);
  expect(scripts.slice(1)).toEqual([`add element ${table} held { 192.0.2.9 : 00:00:00:00:00:09 }\n`]);
  await passed(true);
  expect(scripts[2]).toContain("map held {\n    type ipv4_addr : ether_addr\n  }");
});

test("what is told already costs no script, until the table is made anew", async () => {
  const { scripts, passed } = scene();
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.7", "192.0.2.8");
  await passed(false, "192.0.2.8", "192.0.2.7");
  expect(scripts.slice(1)).toEqual([`add element ${table} held { 192.0.2.8 : 00:00:00:00:00:08 }\n`]);
  await passed(true);
  await passed(false, "192.0.2.8");
  expect(scripts.at(-1)).toBe(`add element ${table} held { 192.0.2.8 : 00:00:00:00:00:08 }\n`);
});

test("an address that another identity has now is asked of that one", async () => {
  const { scripts, passed } = scene();
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.7=5", "192.0.2.8");
  const told = "192.0.2.7 : 00:00:00:00:00:05, 192.0.2.8 : 00:00:00:00:00:08";
  expect(scripts.slice(1)).toEqual([
    `delete element ${table} held { 192.0.2.7 }\nadd element ${table} held { ${told} }\n`,
  ]);
});

test("a leased IPv6 address that only looks as if it were made of a MAC is asked of all", async () => {
  const { scripts, passed } = scene();
  await passed(true, "2001:db8::200:ff:fe00:7=7", "2001:db8::211:22ff:fe33:4455=7", "2001:db8::7=7");
  expect(scripts[0]).toContain(
    "set like_made {\n    typeof @nh,384,128\n    elements = { 0x20010db800000000021122fffe334455 }\n",
  );
  await passed(false, "2001:db8::211:22ff:fe33:4455=7", "2001:db8::200:ff:fe00:7=8", "192.0.2.8");
  expect(scripts.slice(1)).toEqual([
    `add element ${table} held { 192.0.2.8 : 00:00:00:00:00:08 }\n` +
      `add element ${table} like_made { 0x20010db800000000020000fffe000007 }\n`,
  ]);
});

test("a port that is a host of its own hears everything, also where it was silent in an earlier run", async () => {
  const { scripts, passed } = scene({ silent: false });
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.8");
  expect(scripts).toEqual([removal]);
});

test("where the kernel cannot filter, nothing is shut out, and that is told once", async () => {
  const { scripts, log, passed } = scene({ refuses: (script) => script.includes("hook ingress") });
  await passed(true, "192.0.2.7");
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.8");
  expect(scripts).toEqual([removal, removal]);
  expect(log.take()).toHaveLength(1);
});

test("an address that cannot be added takes the filter away until the next whole pass", async () => {
  const { scripts, passed } = scene({ refuses: (script) => script.includes("192.0.2.8") });
  await passed(true, "192.0.2.7");
  await passed(false, "192.0.2.8");
  await passed(false, "192.0.2.9");
  expect(scripts.slice(1)).toEqual([removal]);
});

test("cleanup takes it away, and minds no kernel that knows no such tables", async () => {
  const done: string[] = [];
  await removeBroadcastFilter({ nft: async (script) => void done.push(script) });
  expect(done).toEqual([removal]);
  await removeBroadcastFilter({ nft: () => Promise.reject(new Error("Operation not supported")) });
});
