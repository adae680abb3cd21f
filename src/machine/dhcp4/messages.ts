/** The messages a client sends: RFC 2131 table 5. */
import { anyIp4, type Ip4 } from "../../base/ip4.ts";
import { macToBytes } from "../../base/mac.ts";
import { between, type Instant } from "../../base/time.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../wire/dhcp4/message.ts";
import type { Dhcp4Effect, Dhcp4Env, Fingerprint } from "./interface.ts";
import type { Lease4 } from "./lease.ts";
import type { Exchange, Offer } from "./state.ts";

/** 121 stands before 3 and 33 as RFC 3442 asks. */
const defaultParameterList: readonly number[] = [1, 121, 3, 33, 6, 12, 15, 26, 28, 42, 51, 54, 58, 59, 119];
const v6OnlyPreferred = 108;
/** What fits an Ethernet frame with IP and UDP headers. */
const defaultMaxMessageSize = 1472;
/** RFC 2132 section 9.10. */
const leastMaxMessageSize = 576;

/** Longer ones come in parts (RFC 3396): no honest device has one, and several do not fit a frame. */
const longestOption = 255;

const fits = ({ length }: { readonly length: number }): boolean => length > 0 && length <= longestOption;

/** The device's client-id, else type 1 and its MAC, which is what servers and reservations assume (RFC 2132 section 9.14). */
export const clientIdOf = (env: Dhcp4Env): Uint8Array =>
  env.fingerprint.clientId !== undefined && fits(env.fingerprint.clientId)
    ? env.fingerprint.clientId
    : Uint8Array.of(1, ...macToBytes(env.mac));

/**
 * The device's own list as it is, in its order, because servers tell devices apart by it; 1 and 3 are appended when they
 * are missing, because without mask and router we could not reach anything. Else our own list. Option 108 is in it just while we would obey it.
 */
function parameterListOf({ parameterList: own }: Fingerprint, v6Only: boolean): readonly number[] {
  const wanted = [1, 3, ...(v6Only ? [v6OnlyPreferred] : [])];
  const asked = (own ?? defaultParameterList).filter((code) => v6Only || code !== v6OnlyPreferred);
  return [...asked, ...wanted.filter((code) => !asked.includes(code))];
}

function presentation(env: Dhcp4Env): Dhcp4Options {
  const { hostName, maxMessageSize = 0, vendorClass } = env.fingerprint;
  return {
    clientId: clientIdOf(env),
    parameterList: parameterListOf(env.fingerprint, env.v6Only),
    maxMessageSize: maxMessageSize >= leastMaxMessageSize ? maxMessageSize : defaultMaxMessageSize,
    ...(hostName !== undefined && fits(hostName) ? { hostName } : {}),
    ...(vendorClass !== undefined && fits(vendorClass) ? { vendorClass } : {}),
  };
}

type Header = Partial<Pick<Dhcp4Message, "secs" | "broadcast" | "ciaddr">>;

const message = (env: Dhcp4Env, xid: number, header: Header, options: Dhcp4Options): Dhcp4Message => ({
  op: "request",
  hops: 0,
  xid,
  secs: 0,
  broadcast: false,
  ciaddr: anyIp4,
  yiaddr: anyIp4,
  siaddr: anyIp4,
  giaddr: anyIp4,
  chaddr: env.mac,
  ...header,
  options,
  unknown: new Map(),
  malformed: [],
});

const broadcast = (sent: Dhcp4Message): Dhcp4Effect => ({
  kind: "send",
  message: sent,
  to: { kind: "broadcast" },
});
const unicast = (sent: Dhcp4Message, lease: Lease4): Dhcp4Effect => ({
  kind: "send",
  message: sent,
  to: { kind: "unicast", source: lease.address, ip: lease.serverId, mac: lease.serverMac },
});

/** Whole seconds since `from`, as the 16-bit `secs` field holds them. */
export const secsSince = (from: Instant, now: Instant): number =>
  Math.min(65535, Math.max(0, Math.floor(between(from, now) / 1000)));

export const discover = (env: Dhcp4Env, xid: number, secs: number, flag: boolean): Dhcp4Effect =>
  broadcast(message(env, xid, { secs, broadcast: flag }, { messageType: "discover", ...presentation(env) }));

export const requestOffer = (
  env: Dhcp4Env,
  offer: Offer,
  xid: number,
  secs: number,
  flag: boolean,
): Dhcp4Effect =>
  broadcast(
    message(
      env,
      xid,
      { secs, broadcast: flag },
      {
        messageType: "request",
        requestedAddress: offer.address,
        serverId: offer.serverId,
        ...presentation(env),
      },
    ),
  );

/** INIT-REBOOT: requested-ip, no server-id, ciaddr 0 (RFC 2131 section 4.3.2). */
export const requestReboot = (env: Dhcp4Env, lease: Lease4, exchange: Exchange): Dhcp4Effect =>
  broadcast(
    message(
      env,
      exchange.xid,
      { secs: secsSince(exchange.startedAt, exchange.sentAt) },
      { messageType: "request", requestedAddress: lease.address, ...presentation(env) },
    ),
  );

const requestHeld = (env: Dhcp4Env, lease: Lease4, exchange: Exchange): Dhcp4Message =>
  message(
    env,
    exchange.xid,
    { secs: secsSince(exchange.startedAt, exchange.sentAt), ciaddr: lease.address },
    { messageType: "request", ...presentation(env) },
  );

/** RENEWING: unicast with ciaddr, neither requested-ip nor server-id (RFC 2131 section 4.3.2). */
export const requestRenewal = (env: Dhcp4Env, lease: Lease4, exchange: Exchange): Dhcp4Effect =>
  unicast(requestHeld(env, lease, exchange), lease);

/** REBINDING: the same, broadcast. */
export const requestRebinding = (env: Dhcp4Env, lease: Lease4, exchange: Exchange): Dhcp4Effect =>
  broadcast(requestHeld(env, lease, exchange));

/** RFC 2131 section 4.4.4: broadcast, ciaddr 0, no parameter list; `why` goes into option 56. */
export const decline = (env: Dhcp4Env, address: Ip4, serverId: Ip4, why: string): Dhcp4Effect =>
  broadcast(
    message(
      env,
      env.rng.uint32(),
      {},
      {
        messageType: "decline",
        requestedAddress: address,
        serverId,
        clientId: clientIdOf(env),
        message: why,
      },
    ),
  );

/** RFC 2131 section 4.4.6: unicast to the server. */
export const releaseLease = (env: Dhcp4Env, lease: Lease4): Dhcp4Effect =>
  unicast(
    message(
      env,
      env.rng.uint32(),
      { ciaddr: lease.address },
      { messageType: "release", serverId: lease.serverId, clientId: clientIdOf(env) },
    ),
    lease,
  );
