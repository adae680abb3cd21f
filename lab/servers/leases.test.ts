import { expect, test } from "vitest";
import { netmaskOf } from "./dhcp-server.ts";
import { parseDhcpdLeases } from "./dhcpd.ts";
import { parseDnsmasqLeases } from "./dnsmasq.ts";
import { parseKeaLeases } from "./kea.ts";
import { parseKeaLeases6 } from "./kea6.ts";

const mac = "00:00:5e:00:53:01";
const ip = "198.51.100.100";

test("dnsmasq: expiry, MAC and address; DUIDs and IPv6 leases are left out", () => {
  const text = [
    `1700000600 ${mac} ${ip} printer 01:${mac}`,
    "0 00:00:5e:00:53:02 198.51.100.101 * *",
    "duid 00:01:00:01:2c",
    "1700000600 1 2001:db8::5 * 00:01",
    "",
  ].join("\n");
  expect(parseDnsmasqLeases(text)).toEqual([
    { mac, ip, expires: 1_700_000_600 },
    { mac: "00:00:5e:00:53:02", ip: "198.51.100.101", expires: undefined },
  ]);
});

const keaHead =
  "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";

test("kea: the last row of an address holds; released and declined leases are none", () => {
  const row = (lifetime: number, expire: number, state: number): string =>
    `${ip},${mac},01:${mac},${lifetime},${expire},1,0,0,,${state},`;
  const parse = (...rows: readonly string[]) => parseKeaLeases([keaHead, ...rows, ""].join("\n"));
  expect(parse(row(600, 100, 0), row(600, 200, 0))).toEqual([{ mac, ip, expires: 200 }]);
  expect(parse(row(4_294_967_295, 1, 0))).toEqual([{ mac, ip, expires: undefined }]);
  expect(parse(row(600, 100, 0), row(0, 100, 0))).toEqual([]);
  expect(parse(row(600, 100, 0), row(600, 100, 1))).toEqual([]);
});

const kea6Head =
  "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source";

test("kea, DHCPv6: the MAC stands in a DUID-LL only; the last row of an address holds", () => {
  const address = "2001:db8:a::1000";
  const ll = `00:03:00:01:${mac}`;
  const row = (duid: string, lifetime: number, expire: number, state: number): string =>
    `${address},${duid},${lifetime},${expire},1,300,0,7,128,0,0,,${mac},${state},,1,0`;
  const parse = (...rows: readonly string[]) => parseKeaLeases6([kea6Head, ...rows, ""].join("\n"));
  const lease = { address, duid: ll, iaid: 7, mac, expires: 200 };
  expect(parse(row(ll, 600, 100, 0), row(ll, 600, 200, 0))).toEqual([lease]);
  expect(parse(row(ll, 4_294_967_295, 1, 0))).toEqual([{ ...lease, expires: undefined }]);
  expect(parse(row(`00:01:00:01:2c:00:00:00:${mac}`, 600, 1, 0))[0]?.mac).toBeUndefined();
  expect(parse(row(ll, 600, 100, 0), row(ll, 0, 100, 0))).toEqual([]);
  expect(parse(row(ll, 600, 100, 1))).toEqual([]);
});

const dhcpdLease = (ends: string, state: string): string =>
  [
    `lease ${ip} {`,
    "  starts 1 2023/11/13 22:13:20;",
    `  ends ${ends};`,
    `  binding state ${state};`,
    "  next binding state free;",
    `  hardware ethernet ${mac};`,
    '  uid "\\001\\000\\000^\\000S\\001";',
    "}",
    "",
  ].join("\n");

test("dhcpd: the last entry of an address holds; times are UTC", () => {
  const at = dhcpdLease("2 2023/11/14 22:13:20", "active");
  expect(parseDhcpdLeases(at)).toEqual([{ mac, ip, expires: 1_700_000_000 }]);
  expect(parseDhcpdLeases(dhcpdLease("never", "active"))).toEqual([{ mac, ip, expires: undefined }]);
  expect(parseDhcpdLeases(at + dhcpdLease("2 2023/11/14 22:13:20", "free"))).toEqual([]);
});

test("the netmask of a subnet", () => {
  expect(["10.0.0.0/8", "10.20.0.0/16", "192.0.2.0/24", "192.0.2.0/25"].map(netmaskOf)).toEqual([
    "255.0.0.0",
    "255.255.0.0",
    "255.255.255.0",
    "255.255.255.128",
  ]);
});
