/** The messages a client sends: RFC 8415 sections 16 and 18.2. */
import type { Ip6 } from "../../base/ip6.ts";
import { duidLl, iaidOf } from "../../wire/dhcp6/duid.ts";
import type { Dhcp6Message, Dhcp6Options, IaNa } from "../../wire/dhcp6/message.ts";
import { type Exchange, elapsed } from "./exchange.ts";
import type { Dhcp6Effect, Dhcp6Env } from "./interface.ts";
import type { Lease6 } from "./lease.ts";
import type { Errand, Offer } from "./state.ts";

/** DNS servers, search list, NTP servers, and SOL_MAX_RT, which section 21.24 demands. */
const requestList: readonly number[] = [23, 24, 56, 82];
/** The same with refresh time and INF_MAX_RT (sections 21.23 and 21.25). */
const informationList: readonly number[] = [23, 24, 32, 56, 83];

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const plausibleName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`, "i");

/** Option 39 (RFC 4704), flags 0: DNS of the WAN's own names is up to the server. Left out when it is no host name. */
function naming({ hostName }: Dhcp6Env): Dhcp6Options {
  if (hostName === undefined || !plausibleName.test(hostName)) return {};
  return { fqdn: { flags: 0, name: hostName } };
}

/** Our only IA, without wishes: T1, T2 and lifetimes of 0 leave them to the server (sections 21.4 and 21.6). */
const iaNa = (env: Dhcp6Env, addresses: readonly Ip6[]): readonly IaNa[] => [
  {
    iaid: iaidOf(env.mac),
    t1: 0,
    t2: 0,
    addresses: addresses.map((address) => ({ address, preferred: 0, valid: 0 })),
  },
];

const addressesOf = (lease: Lease6): readonly Ip6[] => lease.addresses.map(({ address }) => address);

const send = (
  env: Dhcp6Env,
  type: Dhcp6Message["type"],
  exchange: Exchange,
  options: Dhcp6Options,
): Dhcp6Effect => ({
  kind: "send",
  message: {
    type,
    xid: exchange.xid,
    options: { clientId: duidLl(env.mac), elapsed: elapsed(exchange), ...options },
    unknown: [],
    malformed: [],
  },
});

export const solicit = (env: Dhcp6Env, exchange: Exchange): Dhcp6Effect =>
  send(env, "solicit", exchange, {
    iaNa: iaNa(env, []),
    requestList,
    rapidCommit: true,
    ...naming(env),
  });

export const request = (
  env: Dhcp6Env,
  { serverId, addresses }: Pick<Offer, "serverId" | "addresses">,
  exchange: Exchange,
): Dhcp6Effect =>
  send(env, "request", exchange, { serverId, iaNa: iaNa(env, addresses), requestList, ...naming(env) });

/** For what the server has forgotten (section 18.2.10.1). */
export const requestAgain = (
  env: Dhcp6Env,
  lease: Lease6,
  serverId: Uint8Array,
  exchange: Exchange,
): Dhcp6Effect => request(env, { serverId, addresses: addressesOf(lease) }, exchange);

export const confirm = (env: Dhcp6Env, lease: Lease6, exchange: Exchange): Dhcp6Effect =>
  send(env, "confirm", exchange, { iaNa: iaNa(env, addressesOf(lease)) });

export const renew = (env: Dhcp6Env, lease: Lease6, exchange: Exchange): Dhcp6Effect =>
  send(env, "renew", exchange, {
    serverId: lease.serverId,
    iaNa: iaNa(env, addressesOf(lease)),
    requestList,
    ...naming(env),
  });

/** To any server, hence without its DUID. */
export const rebind = (env: Dhcp6Env, lease: Lease6, exchange: Exchange): Dhcp6Effect =>
  send(env, "rebind", exchange, { iaNa: iaNa(env, addressesOf(lease)), requestList, ...naming(env) });

export const informationRequest = (env: Dhcp6Env, exchange: Exchange): Dhcp6Effect =>
  send(env, "information-request", exchange, { requestList: informationList });

export const leave = (env: Dhcp6Env, { kind, addresses, serverId, exchange }: Errand): Dhcp6Effect =>
  send(env, kind, exchange, { serverId, iaNa: iaNa(env, addresses) });
