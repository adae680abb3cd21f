/** Router advertisements for tests. */
import { type Cidr6, parseCidr6 } from "../../base/cidr6.ts";
import { type Ip6, parseIp6 } from "../../base/ip6.ts";
import { must } from "../../base/parsed.ts";
import { minutes, seconds, zero } from "../../base/time.ts";
import type { PrefixInformation, RouterAdvert } from "../../wire/nd/message.ts";

export const ip6 = (text: string): Ip6 => must(parseIp6(text));
export const cidr6 = (text: string): Cidr6 => must(parseCidr6(text));

export const prefixInformation = (
  text: string,
  more: Partial<PrefixInformation> = {},
): PrefixInformation => ({
  prefix: cidr6(text),
  onLink: true,
  autonomous: true,
  validLifetime: minutes(60),
  preferredLifetime: minutes(30),
  ...more,
});

/** Of a default router for half an hour that says nothing else. */
export const routerAdvert = (more: Partial<RouterAdvert> = {}): RouterAdvert => ({
  kind: "router-advert",
  hopLimit: 64,
  managed: false,
  otherConfig: false,
  preference: "medium",
  routerLifetime: seconds(1800),
  reachableTime: zero,
  retransTimer: zero,
  prefixes: [],
  routes: [],
  rdnss: [],
  dnssl: [],
  pref64: [],
  ...more,
});
