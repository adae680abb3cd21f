/** Rules that concern more than one setting, or what an accepted value means. */

import { contains, formatCidr4, lastAddress, networkOf } from "../base/cidr4.ts";
import { ip4FromNumber, ip4ToNumber, isHostIp4 } from "../base/ip4.ts";
import { toSeconds } from "../base/time.ts";
import type { ConfigProblem } from "./problems.ts";
import { problem } from "./problems.ts";
import type { Config } from "./schema.ts";

interface Check {
  /** The settings it looks at; it is left out while one of them is wrong in itself. The problem is told under the first. */
  readonly keys: readonly string[];
  /** The value to show and what is wrong with it, or undefined. */
  readonly run: (config: Config) => readonly [given: unknown, rule: string] | undefined;
}

const interfacesDiffer: Check = {
  keys: ["lan.interface", "wan.interface"],
  run: ({ lan, wan }) =>
    lan.interface === wan.interface
      ? [lan.interface, `must differ from wan.interface, which is "${wan.interface}" too`]
      : undefined,
};

const lanAddressIsAHost: Check = {
  keys: ["lan.address"],
  run: ({ lan: { address } }) => {
    const net = networkOf(address.ip, address.length);
    const given = `${address.ip}/${address.length}`;
    const rule = `must be the address of a host between the network address ${net.address} and the broadcast address ${lastAddress(net)}`;
    if (address.ip === net.address || address.ip === lastAddress(net)) return [given, rule];
    return isHostIp4(address.ip)
      ? undefined
      : [
          given,
          "must be an address that a host may have: not 0.0.0.0/8, 127.0.0.0/8, or 224.0.0.0 and above",
        ];
  },
};

const poolFits: Check = {
  keys: ["lan.dhcp_limit", "lan.dhcp_start", "lan.dhcp", "lan.address"],
  run: ({ lan }) => {
    if (!lan.dhcp) return undefined;
    const net = networkOf(lan.address.ip, lan.address.length);
    const hosts = 2 ** (32 - net.length) - 2;
    const end = lan.dhcp_start + lan.dhcp_limit - 1;
    if (end <= hosts) return undefined;
    const first = ip4FromNumber(ip4ToNumber(net.address) + 1);
    const last = ip4FromNumber(ip4ToNumber(net.address) + hosts);
    return [
      lan.dhcp_limit,
      `the DHCP pool must fit into the LAN: with lan.dhcp_start = ${lan.dhcp_start} it ends at host ${end}, but ${formatCidr4(net)} has hosts 1 to ${hosts} (${first} to ${last}); dhcp_start + dhcp_limit must be at most ${hosts + 1}`,
    ];
  },
};

const forgetAfterOffline: Check = {
  keys: ["discovery.forget_after", "discovery.offline_after"],
  run: ({ discovery: { forget_after, offline_after } }) =>
    forget_after < offline_after
      ? [
          toSeconds(forget_after),
          `must be at least discovery.offline_after, which is ${toSeconds(offline_after)}`,
        ]
      : undefined,
};

const portsDiffer: Check = {
  keys: ["proxy.stats_port", "proxy.stats", "api.port", "api.enabled"],
  run: ({ proxy, api }) =>
    proxy.stats && api.enabled && proxy.stats_port === api.port
      ? [proxy.stats_port, `must differ from api.port, which is ${api.port} too`]
      : undefined,
};

const clientsAreElsewhere: Check = {
  keys: ["forwards.clients", "lan.address"],
  run: ({ forwards: { clients }, lan: { address } }) => {
    const net = networkOf(address.ip, address.length);
    return contains(clients, net.address) || contains(net, clients.address)
      ? [formatCidr4(clients), `must not overlap the LAN ${formatCidr4(net)}`]
      : undefined;
  },
};

const all: readonly Check[] = [
  interfacesDiffer,
  lanAddressIsAHost,
  poolFits,
  forgetAfterOffline,
  portsDiffer,
  clientsAreElsewhere,
];

/** The problems between settings of a configuration; `wrong` holds keys that are wrong in themselves. */
export function checkConfig(config: Config, wrong: ReadonlySet<string>): readonly ConfigProblem[] {
  return all.flatMap(({ keys, run }) => {
    const found = keys.some((key) => wrong.has(key)) ? undefined : run(config);
    return found === undefined ? [] : [problem(keys[0] ?? "", found[0], found[1])];
  });
}
