/** What the proxy is to do -> one socat process for each address and port. */
import type { Ip4 } from "../base/ip4.ts";
import type { Ip6 } from "../base/ip6.ts";
import type { Mac } from "../base/mac.ts";
import type { ProxyDesired, ProxyDevice } from "./proxy.ts";

/** One way in: a listening process, and a child of it for each connection. */
export interface SocatProxy {
  readonly mac: Mac;
  readonly listen: { readonly ip: Ip6; readonly port: number };
  readonly target: { readonly ip: Ip4; readonly port: number };
}

/** The argument by which our processes are found again, whatever they listen on; socat puts the name into its messages. */
export const socatMarker = "-lpipv4-ipv6-gateway";

/** What people asked for comes first, so that it is the last to fall to a limit; the order is the same each time. */
export function socatProxies({ ports, devices }: ProxyDesired): SocatProxy[] {
  const manual = devices.flatMap((device) => proxiesOf(device, device.exceptions));
  const automatic = devices.flatMap((device) => {
    const taken = new Set(device.exceptions.map(({ port }) => port));
    return device.auto
      ? proxiesOf(
          device,
          ports.filter(({ port }) => !taken.has(port)),
        )
      : [];
  });
  return [...manual, ...automatic];
}

const proxiesOf = (
  { mac, lanIp, addresses6 }: ProxyDevice,
  ports: readonly { readonly port: number; readonly target: number }[],
): SocatProxy[] =>
  addresses6.flatMap((ip) =>
    ports.map(({ port, target }) => ({ mac, listen: { ip, port }, target: { ip: lanIp, port: target } })),
  );

/** Two with equal text are one and the same. */
export const socatKey = (proxy: SocatProxy): string => socatArgs(proxy).join(" ");

/**
 * `ip-transparent` marks the socket: our table lets connections in to such sockets alone, so that no program that listens on all
 * addresses ever stands in for a socat that is not there. Keep-alive ends what a client or a device has left without a word.
 */
export function socatArgs({ listen, target }: SocatProxy): string[] {
  const tcp = "nodelay,keepalive,keepidle=60,keepintvl=30,keepcnt=5";
  return [
    socatMarker,
    "-T86400",
    `TCP6-LISTEN:${listen.port},bind=[${listen.ip}],ipv6only=1,ip-transparent,reuseaddr,fork,backlog=128,${tcp}`,
    `TCP4:${target.ip}:${target.port},connect-timeout=10,${tcp}`,
  ];
}
