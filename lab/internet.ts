import type { Ip6 } from "../src/base/ip6.ts";
import { connect, type Namespace } from "./netns.ts";
import type { Router } from "./router.ts";
import { createQuickNamespace, finishHost, type WanHost } from "./wan-host.ts";

export const internet4 = { host: "203.0.113.1", router: "203.0.113.254" } as const;
export const internet6 = "2001:db8:ffff::1" as Ip6;
/** Each router's cable has a prefix of its own; the first one's holds the host's address. */
const cablePrefixes = ["2001:db8:ffff::", "2001:db8:fffe::"] as const;

/** Connects router number `n`; the host prefers the way back over router 0, and another when that one's cable is dead. */
async function connectInternet(host: Namespace, router: Router, n: 0 | 1, ipv6: boolean): Promise<void> {
  const ifname = `eth${n}`;
  await connect({ namespace: host, ifname, ipv6 }, { namespace: router.namespace, ifname: "inet", ipv6 });
  if (n === 0) {
    await host.ip([`addr add ${internet4.host}/24 dev eth0`, `route add default via ${internet4.router}`]);
    await router.namespace.ip([`addr add ${internet4.router}/24 dev inet`]);
  }
  if (!ipv6) return;
  const cable = cablePrefixes[n];
  await router.namespace.sysctl({ "net.ipv6.conf.inet.keep_addr_on_down": 1 });
  await router.namespace.ip([`addr add ${cable}fe/64 dev inet`]);
  await host.ip([
    `addr add ${cable}1/64 dev ${ifname}`,
    `route add default via ${cable}fe dev ${ifname} metric ${100 + n}`,
  ]);
  if (n === 0) return;
  router.inetRoutes.push(`route replace ${internet6}/128 via ${cable}1 dev inet`);
  await router.namespace.ip(router.inetRoutes);
}

/** The way back to what only this router advertises. */
export async function routeBack(host: Namespace, n: 0 | 1, prefixes: readonly string[]): Promise<void> {
  await host.ip(
    prefixes.map((prefix) => `route replace ${prefix} via ${cablePrefixes[n]}fe dev eth${n} metric 100`),
  );
}

/** The host beyond the routers, with its services. */
export async function createInternet(
  name: string,
  routers: readonly Router[],
  ipv6: boolean,
): Promise<WanHost> {
  const namespace = await createQuickNamespace(name);
  for (const [n, router] of routers.entries())
    await connectInternet(namespace, router, n === 0 ? 0 : 1, ipv6);
  return finishHost(name, namespace, { ip: internet4.host, ip6: ipv6 ? internet6 : "" });
}
