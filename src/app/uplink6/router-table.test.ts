import { expect, test } from "vitest";
import { formatCidr6 } from "../../base/cidr6.ts";
import type { Ip6 } from "../../base/ip6.ts";
import type { Mac } from "../../base/mac.ts";
import { forever, type Instant, instant, minutes, never, seconds, zero } from "../../base/time.ts";
import { mac } from "../../plan/sample.fixture.ts";
import type { RouterAdvert } from "../../wire/nd/message.ts";
import { cidr6, ip6, prefixInformation, routerAdvert } from "./advert.fixture.ts";
import { describe } from "./network.ts";
import { RouterTable } from "./router-table.ts";

const first = ip6("fe80::1");
const second = ip6("fe80::2");
const macs = new Map([
  [first, mac("00:aa:00:00:00:01")],
  [second, mac("00:aa:00:00:00:02")],
]);
const otherMac = mac("00:aa:00:00:00:99");
const one = "2001:db8:1::/64";
const two = "2001:db8:2::/64";
const gone = { validLifetime: zero, preferredLifetime: zero };
const at = (s: number): Instant => instant(s * 1000);

class Scene {
  readonly table = new RouterTable();

  /** What `heard` returns: whether to ask again. */
  advert(s: number, router: Ip6, more: Partial<RouterAdvert>, sender?: Mac): boolean {
    const from = sender ?? macs.get(router) ?? otherMac;
    return this.table.heard(router, from, routerAdvert(more), at(s));
  }
  prefixes(s: number, router: Ip6, ...texts: string[]): boolean {
    return this.advert(s, router, { prefixes: texts.map((text) => prefixInformation(text)) });
  }
  answer(s: number, router: Ip6, sender?: Mac): void {
    this.table.answered(router, sender ?? macs.get(router) ?? otherMac, at(s));
  }
  look(s: number): string {
    this.table.expire(at(s));
    const view = this.table.view(at(s));
    const withdrawn = view.withdrawn.map((prefix) => `, not ${formatCidr6(prefix)}`);
    return [describe(view), ...withdrawn].join("");
  }
}

test("a router, its prefixes, flags, resolvers and the rest, each for its own time", () => {
  const scene = new Scene();
  expect(scene.look(0)).toBe("no IPv6 router");
  scene.advert(0, first, {
    managed: true,
    otherConfig: true,
    preference: "high",
    mtu: 1400,
    prefixes: [
      prefixInformation(one),
      prefixInformation("2001:db8:f::/64", { autonomous: false, validLifetime: forever }),
      prefixInformation("2001:db8:a::/64", { onLink: false, validLifetime: minutes(10) }),
    ],
    rdnss: [{ lifetime: seconds(60), servers: [ip6("2001:db8:1::53"), ip6("fe80::1")] }],
    dnssl: [{ lifetime: seconds(120), domains: ["example.net"] }],
    pref64: [{ lifetime: seconds(90), prefix: cidr6("64:ff9b::/96") }],
  });
  expect(scene.table.view(at(0))).toEqual({
    routers: [
      {
        address: first,
        mac: macs.get(first),
        preference: "high",
        prefixes: [cidr6(one), cidr6("2001:db8:a::/64"), cidr6("2001:db8:f::/64")],
        onLink: [cidr6(one), cidr6("2001:db8:f::/64")],
      },
    ],
    onLink: [cidr6(one), cidr6("2001:db8:f::/64")],
    autonomous: [cidr6(one), cidr6("2001:db8:a::/64")],
    managed: true,
    otherConfig: true,
    rdnss: ["2001:db8:1::53", "fe80::1"],
    dnssl: ["example.net"],
    pref64: [cidr6("64:ff9b::/96")],
    mtu: 1400,
    withdrawn: [],
    ignored: [],
    heard: true,
  });
  const ends: string[] = [];
  for (let next = scene.table.nextAt(at(0)); next !== never; next = scene.table.nextAt(next)) {
    ends.push(`${next / 1000} ${scene.look(next / 1000)}`);
    expect(ends.length).toBeLessThan(20);
  }
  const f = "prefix 2001:db8:f::/64";
  expect(ends).toEqual([
    `60 prefix ${one} via fe80::1, prefix 2001:db8:a::/64 via fe80::1, ${f} via fe80::1, addresses by DHCPv6, NAT64 64:ff9b::/96`,
    `90 prefix ${one} via fe80::1, prefix 2001:db8:a::/64 via fe80::1, ${f} via fe80::1, addresses by DHCPv6`,
    `120 prefix ${one} via fe80::1, prefix 2001:db8:a::/64 via fe80::1, ${f} via fe80::1, addresses by DHCPv6`,
    `600 prefix ${one} via fe80::1, ${f} via fe80::1, addresses by DHCPv6, not 2001:db8:a::/64`,
    `1800 prefix ${one} without a router, ${f} without a router, addresses by DHCPv6, not 2001:db8:a::/64`,
    `3600 ${f} without a router, addresses by DHCPv6, not ${one}, not 2001:db8:a::/64`,
  ]);
  expect(scene.table.view(at(3600))).toMatchObject({ rdnss: [], dnssl: [], pref64: [], mtu: 1400 });
});

test("a prefix with a valid lifetime of zero is withdrawn at once, unless another router still advertises it", () => {
  const scene = new Scene();
  scene.prefixes(0, first, one);
  scene.prefixes(0, second, one);
  scene.advert(5, first, { prefixes: [prefixInformation(one, gone), prefixInformation(two)] });
  expect(scene.look(5)).toBe(`prefix ${two} via fe80::1, prefix ${one} via fe80::2`);
  scene.advert(6, second, { prefixes: [prefixInformation(one, gone)] });
  expect(scene.look(6)).toBe(`prefix ${two} via fe80::1, router fe80::2, not ${one}`);
  scene.prefixes(9, second, one);
  expect(scene.look(9)).toBe(`prefix ${two} via fe80::1, prefix ${one} via fe80::2`);
});

test("a deprecated prefix stays: what leaves it as a source is the kernel's business", () => {
  const scene = new Scene();
  scene.prefixes(0, first, one);
  scene.advert(5, first, { prefixes: [prefixInformation(one, { preferredLifetime: zero })] });
  expect(scene.look(5)).toBe(`prefix ${one} via fe80::1`);
});

test("left out once: ask again; twice in a row and for 8 s: withdrawn; an advertisement without any prefix proves nothing", () => {
  const scene = new Scene();
  scene.prefixes(0, first, one, "2001:db8:f::/64");
  expect(scene.advert(5, first, {})).toBe(false);
  expect(scene.prefixes(6, first, two, "2001:db8:f::/64")).toBe(true);
  expect(scene.advert(7, first, {})).toBe(false);
  expect(scene.prefixes(9, first, two, "2001:db8:f::/64")).toBe(false);
  expect(scene.look(13.9)).not.toContain("not");
  expect(scene.table.nextAt(at(13.9))).toBe(at(14));
  expect(scene.look(14)).toBe(`prefix ${two} via fe80::1, prefix 2001:db8:f::/64 via fe80::1, not ${one}`);
});

test("left out once, and nothing heard since: it holds", () => {
  const scene = new Scene();
  scene.prefixes(0, first, one);
  expect(scene.prefixes(6, first, two)).toBe(true);
  expect(scene.look(600)).not.toContain("not");
});

test("prefixes that take turns in a router's advertisements are all kept, and asked about ever less", () => {
  const scene = new Scene();
  const three = "2001:db8:3::/64";
  let questions = 0;
  for (let s = 0; s < 900; s += 9)
    for (const [i, prefix] of [one, two, three].entries()) {
      questions += Number(scene.prefixes(s + 3 * i, first, prefix));
      expect(scene.look(s + 3 * i)).not.toContain("not");
    }
  expect(scene.look(900)).toBe([one, two, three].map((prefix) => `prefix ${prefix} via fe80::1`).join(", "));
  expect(questions).toBe(7);
});

test("a router that is slower still is misunderstood once, not for ever", () => {
  const scene = new Scene();
  let withdrawals = 0;
  for (let s = 0; s < 3000; s += 60)
    for (const [i, prefix] of [one, two, "2001:db8:3::/64"].entries()) {
      scene.prefixes(s + 20 * i, first, prefix);
      withdrawals += Number(scene.look(s + 20 * i + 19).includes("not"));
    }
  expect(withdrawals).toBeLessThan(5);
  expect(scene.look(3000)).not.toContain("not");
});

test("routers by preference, then by how long they are known; one that ends its service goes, its prefix stays", () => {
  const scene = new Scene();
  const ips = (s: number): Ip6[] => scene.table.view(at(s)).routers.map(({ address }) => address);
  scene.prefixes(0, first, one);
  scene.prefixes(1, second, two);
  expect(ips(1)).toEqual([first, second]);
  scene.advert(2, second, { preference: "high", managed: true, prefixes: [prefixInformation(two)] });
  expect(ips(2)).toEqual([second, first]);
  scene.advert(3, second, { preference: "high", managed: true, routerLifetime: zero });
  expect(scene.look(3)).toBe(
    `prefix ${one} via fe80::1, prefix ${two} without a router, addresses by DHCPv6`,
  );
  scene.advert(4, first, { routerLifetime: zero, managed: true, prefixes: [prefixInformation(one, gone)] });
  scene.advert(4, second, { routerLifetime: zero, managed: true, prefixes: [prefixInformation(two, gone)] });
  expect(scene.look(4)).toBe(`no IPv6 router, not ${one}, not ${two}`);
  expect(scene.table.routers()).toEqual([]);
});

test("a silent router is none until it speaks, but its prefix holds", () => {
  const scene = new Scene();
  scene.advert(0, first, { managed: true, preference: "high", prefixes: [prefixInformation(one)] });
  scene.prefixes(0, second, two);
  const both = scene.look(0);
  scene.table.silenced(first);
  expect(scene.look(20)).toBe(`prefix ${two} via fe80::2, prefix ${one} without a router`);
  scene.answer(30, first, otherMac);
  expect(scene.look(30)).toBe(both);
  expect(scene.table.routers()).toMatchObject([{ mac: otherMac }, { mac: macs.get(second) }]);
});

test("after a change of the link a router that is not heard within 4 s is gone, with its prefixes", () => {
  const scene = new Scene();
  scene.prefixes(0, first, one);
  scene.prefixes(0, second, two);
  scene.table.suspectAll(at(100));
  expect([scene.table.suspects, scene.table.vouchesFor(ip6("2001:db8:1::9"))]).toEqual([true, false]);
  scene.answer(101, first);
  expect(scene.look(103.9)).toBe(`prefix ${one} via fe80::1, prefix ${two} via fe80::2`);
  expect(scene.table.nextAt(at(103.9))).toBe(at(104));
  expect(scene.look(104)).toBe(`prefix ${one} via fe80::1, not ${two}`);
  expect([scene.table.suspects, scene.table.vouchesFor(ip6("2001:db8:1::9"))]).toEqual([false, true]);
});

test("another network with a router of the same name: the first advertisement tells, an answer under another MAC does not", () => {
  const scene = new Scene();
  scene.prefixes(0, first, one);
  scene.table.suspectAll(at(100));
  scene.answer(100.5, first, otherMac);
  scene.advert(101, first, { prefixes: [prefixInformation(two)] }, otherMac);
  expect(scene.table.vouchesFor(ip6("2001:db8:1::9"))).toBe(false);
  expect(scene.table.vouchesFor(ip6("2001:db8:2::9"))).toBe(true);
  expect(scene.look(104)).toBe(`prefix ${two} via fe80::1, not ${one}`);
  expect(scene.table.view(at(104)).routers).toMatchObject([{ mac: otherMac }]);
  scene.table.suspectAll(at(200));
  scene.answer(201, first, macs.get(first));
  expect(scene.look(204)).toBe(`no IPv6 router, not ${one}, not ${two}`);
});

test("what an earlier run used holds until 10 s after the first advertisement", () => {
  const scene = new Scene();
  const seeds = [cidr6(one), cidr6(two), cidr6("2001:db8:3::/64")];
  scene.table.seed(seeds, at(0));
  expect(scene.look(1000)).toBe(
    `prefix ${one} without a router, prefix ${two} without a router, prefix 2001:db8:3::/64 without a router`,
  );
  expect(scene.table.view(at(1000)).onLink).toEqual([]);
  scene.prefixes(1000, first, one);
  scene.prefixes(1005, second, two);
  expect(scene.table.nextAt(at(1009))).toBe(at(1010));
  expect(scene.look(1009)).not.toContain("not");
  expect(scene.look(1010)).toBe(`prefix ${one} via fe80::1, prefix ${two} via fe80::2, not 2001:db8:3::/64`);
  scene.table.seed(seeds.slice(0, 2), at(1020));
  expect(scene.table.nextAt(at(1020))).toBe(at(1000 + 1800));
});

test("a prefix of an earlier run that a router takes back goes at once; without any router they go after a change of the link", () => {
  const scene = new Scene();
  scene.table.seed([cidr6(one), cidr6(two)], at(0));
  scene.advert(1, first, { routerLifetime: zero, prefixes: [prefixInformation(one, gone)] });
  expect(scene.look(1)).toBe(`prefix ${two} without a router, not ${one}`);
  const alone = new Scene();
  alone.table.seed([cidr6(one)], at(0));
  alone.table.suspectAll(at(100));
  expect(alone.look(104)).toBe(`no IPv6 router, not ${one}`);
});

test("strangers' inventions: no end of routers and prefixes, groups, link-local, half the Internet", () => {
  const scene = new Scene();
  scene.prefixes(0, first, "fe80::/64", "ff00::/16", "::/0", "2000::/3", one);
  expect(scene.look(0)).toBe(`prefix ${one} via fe80::1`);
  for (let n = 0; n < 200; n++) {
    scene.prefixes(1, ip6(`fe80::1:${n.toString(16)}`), `2001:db8:${n.toString(16)}::/64`);
    const taken = prefixInformation(`2001:db8:0:${n.toString(16)}::/64`, gone);
    scene.advert(1, first, { prefixes: [prefixInformation(one), taken] });
  }
  expect(scene.table.routers().length).toBe(16);
  const view = scene.table.view(at(1));
  expect([view.withdrawn.length, view.onLink.length, view.ignored.length]).toEqual([64, 15, 185]);
  expect(scene.look(1)).toContain(`prefix ${one} via fe80::1`);
});
