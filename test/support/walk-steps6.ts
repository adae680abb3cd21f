/** What happens to IPv6 in a random walk: leases, routers, prefixes, and what the kernel does by itself. */
import { eui64Address } from "../../src/base/ip6.ts";
import type { Rng } from "../../src/base/rng.ts";
import type { DevicePlan } from "../../src/plan/desired.ts";
import type { Ipv6Plan, RouterPlan } from "../../src/plan/desired6.ts";
import { ip6, mac, net6 } from "../../src/plan/sample.fixture.ts";
import type { Bench } from "./reconcile-bench.ts";
import { below, pick } from "./walk-seed.ts";

const nets = [1, 2, 3].map((n) => net6(`2001:db8:${n}::/64`));

/** Up to two leased addresses, some of them deprecated, one perhaps what the kernel makes as well. */
export function leases6(rng: Rng, { mac }: DevicePlan): Ipv6Plan {
  const made = eui64Address(pick(rng, nets).address, mac);
  const addresses = [made, ip6(`2001:db8:1::${mac.slice(-2)}`), ip6(`2001:db8:2::${mac.slice(-2)}`)];
  const some = addresses.filter(() => below(rng, 2) === 0).slice(0, 2);
  return { leased: some.map((address) => ({ address, deprecated: below(rng, 3) === 0 })), slaac: [] };
}

/** Routers come and go, learn their MAC, lose a prefix; and the kernel acts on what they say. */
export function changeNetwork6(bench: Bench, rng: Rng): void {
  const onLink = nets.filter(() => below(rng, 3) > 0);
  const router = (n: number): RouterPlan => {
    const prefixes = onLink.filter(() => below(rng, 2) === 0);
    const known = below(rng, 4) > 0 ? { mac: mac(`00:aa:00:00:00:0${n}`) } : {};
    return { address: ip6(`fe80::${n}`), ...known, preference: "medium", prefixes, onLink: prefixes };
  };
  bench.network6 = { routers: [1, 2].filter(() => below(rng, 3) > 0).map(router), onLink };
}

/** Router advertisements arrive and lifetimes end. */
export function kernelActs6({ kernel }: Bench, rng: Rng): void {
  const { ip6: v6 } = kernel;
  const prefix = pick(rng, nets).address;
  const made = v6.addresses.filter((a) => a.flags.includes("dynamic"));
  pick(rng, [
    () => kernel.advertise(prefix),
    () => kernel.advertise(prefix),
    () => kernel.advertise(prefix, "deprecated"),
    () => kernel.advertise(prefix, "tentative"),
    () => kernel.advertise(prefix, "tentative", "optimistic"),
    () => made.length > 0 && v6.expire(pick(rng, made)),
    () => v6.taken.add(`2001:db8:1::${below(rng, 30)}`),
    () => v6.taken.clear(),
  ])();
}
