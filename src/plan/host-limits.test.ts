import { expect, test } from "vitest";
import { hostLimitKeys, planHostLimits } from "./host-limits.ts";
import { savedText } from "./ruleset.ts";
import { gateway } from "./sample.fixture.ts";
import { planPortSysctls } from "./sysctls.ts";

const limitOf = (maxDevices: number, name: string): number | undefined =>
  planHostLimits(maxDevices).find(({ key }) => key.endsWith(name))?.value;

test("limits of a thousand devices", () => {
  const lines = planHostLimits(1000).map(({ key, value, kind }) => `${key} ${kind} ${value}`);
  expect(lines).toMatchInlineSnapshot(`
    [
      "net/ipv4/neigh/default/gc_thresh1 least 4000",
      "net/ipv4/neigh/default/gc_thresh2 least 8000",
      "net/ipv4/neigh/default/gc_thresh3 least 16000",
      "net/ipv6/neigh/default/gc_thresh1 least 4000",
      "net/ipv6/neigh/default/gc_thresh2 least 8000",
      "net/ipv6/neigh/default/gc_thresh3 least 16000",
      "net/netfilter/nf_conntrack_max least 260096",
      "net/netfilter/nf_conntrack_tcp_timeout_established exact 7440",
      "net/netfilter/nf_conntrack_tcp_timeout_syn_sent exact 240",
      "net/netfilter/nf_conntrack_tcp_timeout_syn_recv exact 240",
      "net/netfilter/nf_conntrack_tcp_timeout_fin_wait exact 240",
      "net/netfilter/nf_conntrack_tcp_timeout_close_wait exact 240",
      "net/netfilter/nf_conntrack_tcp_timeout_last_ack exact 240",
      "net/netfilter/nf_conntrack_tcp_timeout_time_wait exact 240",
      "net/netfilter/nf_conntrack_udp_timeout exact 120",
      "net/netfilter/nf_conntrack_udp_timeout_stream exact 300",
      "net/netfilter/nf_conntrack_icmp_timeout exact 60",
      "net/netfilter/nf_conntrack_icmpv6_timeout exact 60",
    ]
  `);
});

test("tables grow with the devices, timeouts do not", () => {
  expect([1, 100, 10_000].map((n) => limitOf(n, "ipv6/neigh/default/gc_thresh1"))).toEqual([4, 400, 40_000]);
  expect([1, 100, 10_000].map((n) => limitOf(n, "conntrack_max"))).toEqual([4352, 29_696, 2_564_096]);
  const timeouts = (n: number) => planHostLimits(n).filter(({ kind }) => kind === "exact");
  expect(timeouts(10_000)).toEqual(timeouts(1));
});

test.each([
  ["tcp_timeout_established", 7440],
  ["tcp_timeout_syn_sent", 240],
  ["tcp_timeout_syn_recv", 240],
  ["tcp_timeout_fin_wait", 240],
  ["tcp_timeout_close_wait", 240],
  ["tcp_timeout_last_ack", 240],
  ["tcp_timeout_time_wait", 240],
  ["udp_timeout", 120],
  ["udp_timeout_stream", 120],
  ["icmp_timeout", 60],
  ["icmpv6_timeout", 60],
])("%s is not below the %i s that a NAT must keep", (name, least) => {
  expect(limitOf(1000, `nf_conntrack_${name}`)).toBeGreaterThanOrEqual(least);
});

test("the table that keeps old values tells all settings apart", () => {
  const keys = [...hostLimitKeys, ...planPortSysctls(gateway).map(({ key }) => key)];
  expect(new Set(keys.map((key) => savedText(key, "").split(" ", 1)[0])).size).toBe(keys.length);
});
