/** Netlink messages -> what changed in the kernel. */
import { ip4FromBytes } from "../../base/ip4.ts";
import { ip6FromBytes } from "../../base/ip6.ts";
import { macFromBytes } from "../../base/mac.ts";
import { routeProtocol } from "../../plan/marks.ts";
import type { KernelEvent } from "../../ports/kernel.ts";
import { addressFields, linkFields, neighbourAttributes, neighbourBytes } from "./fields.ts";
import {
  attribute,
  bytesOf,
  inet4,
  inet6,
  type Message,
  newAddress,
  newLink,
  newNeighbour,
  newNetconf,
  newRoute,
  newRule,
  number32,
} from "./message.ts";

/** Numbers that people and programs read as names. */
export interface Names {
  /** Undefined: there is no such interface. */
  interface(index: number): string | undefined;
  /** As iproute2 prints it. */
  group(number: number): string;
}

/** Undefined for what tells nothing. The state of a neighbour entry that went is "DELETED". */
export function eventOf(message: Message, names: Names): KernelEvent | undefined {
  switch (message.type) {
    case newLink:
    case newLink + 1:
      return linkEvent(message, names);
    case newAddress:
    case newAddress + 1:
      return addressEvent(message, names);
    case newRoute:
    case newRoute + 1:
      return routeEvent(message, names);
    case newNeighbour:
    case newNeighbour + 1:
      return neighbourEvent(message, names);
    case newRule:
    case newRule + 1:
      return ruleEvent(message);
    case newNetconf:
      return settingEvent(message, names);
    default:
      return undefined;
  }
}

const isGone = ({ type }: Message): boolean => type % 2 === 1;

/** Where it is gone already, as iproute2 names it. */
const nameOf = (names: Names, index: number): string => names.interface(index) ?? `if${index}`;

const ipText = (family: number, { byteLength, buffer, byteOffset }: DataView): string | undefined => {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (family === inet4 && byteLength === 4) return ip4FromBytes(bytes);
  return family === inet6 && byteLength === 16 ? ip6FromBytes(bytes) : undefined;
};

const isUp = 0x1;
const runs = 0x40;
const lowerUp = 0x10000;

function linkEvent(message: Message, names: Names): KernelEvent | undefined {
  const link = linkFields(message);
  if (!link) return undefined;
  const gone = isGone(message);
  const up = !gone && (link.flags & isUp) !== 0;
  const noCarrier = (link.flags & isUp) !== 0 && (link.flags & runs) === 0;
  return {
    kind: "link",
    ifname: link.name,
    up,
    carrier: !gone && (link.flags & lowerUp) !== 0 && !noCarrier,
    gone,
    mtu: link.mtu ?? Number.NaN,
    group: names.group(link.group),
  };
}

const optimistic = 0x04;
const failed = 0x08;
const deprecated = 0x20;
const tentative = 0x40;
const permanent = 0x80;
const managesTemporary = 0x100;

function addressEvent(message: Message, names: Names): KernelEvent | undefined {
  const address = addressFields(message);
  if (!address || (address.family !== inet4 && address.family !== inet6)) return undefined;
  const family = address.family === inet6 ? 6 : 4;
  const bytes = bytesOf(message.body);
  const ip = family === 6 ? ip6FromBytes(bytes, address.ipAt) : ip4FromBytes(bytes, address.ipAt);
  const ifname = nameOf(names, address.index);
  return {
    kind: "address",
    ifname,
    family,
    ip,
    length: address.prefixLength,
    made: family === 6 && ((address.flags & permanent) === 0 || (address.flags & managesTemporary) !== 0),
    gone: isGone(message),
    state: addressState(address.flags),
  };
}

/** An optimistic address is tentative too, and one that failed as well. */
function addressState(flags: number): Extract<KernelEvent, { kind: "address" }>["state"] {
  if ((flags & failed) !== 0) return "duplicate";
  if ((flags & deprecated) !== 0) return "deprecated";
  return (flags & tentative) !== 0 && (flags & optimistic) === 0 ? "tentative" : "usable";
}

const routeBytes = 12;
const routeAttributes = { destination: 1, source: 2, port: 4, table: 15 };
/** A way that the kernel worked out for one destination. */
const cloned = 0x200;

function routeEvent(message: Message, names: Names): KernelEvent | undefined {
  const { body } = message;
  if (body.byteLength < routeBytes || (body.getUint32(8, true) & cloned) !== 0) return undefined;
  const port = number32(attribute(message, routeBytes, routeAttributes.port));
  return {
    kind: "route",
    ifname: port === undefined ? undefined : nameOf(names, port),
    key: body.getUint8(5) === routeProtocol ? routeKey(message) : undefined,
    gone: isGone(message),
  };
}

const tableNames: ReadonlyMap<number, string> = new Map([
  [253, "default"],
  [254, "main"],
  [255, "local"],
]);

/** As resourceKey makes it. */
function routeKey(message: Message): string {
  const { body } = message;
  const family = body.getUint8(0);
  const ip = (type: number): string | undefined => {
    const value = attribute(message, routeBytes, type);
    return value && ipText(family, value);
  };
  const table = number32(attribute(message, routeBytes, routeAttributes.table)) ?? body.getUint8(4);
  const any = family === inet6 ? "::" : "0.0.0.0";
  const net = `${ip(routeAttributes.destination) ?? any}/${body.getUint8(1)}`;
  const place = `${tableNames.get(table) ?? table} ${net}`;
  if (family !== inet6) return `route ${place}`;
  const length = body.getUint8(2);
  const from = ip(routeAttributes.source) ?? "";
  return `route6 ${place} ${from}${from === "" || length === 128 ? "" : `/${length}`}`;
}

const ruleBytes = 12;
const rulePriority = 6;

const ruleEvent = (message: Message): KernelEvent => ({
  kind: "rule",
  preference: number32(attribute(message, ruleBytes, rulePriority)) ?? 0,
  gone: isGone(message),
});

const neighbourStates: ReadonlyMap<number, string> = new Map([
  [0x01, "INCOMPLETE"],
  [0x02, "REACHABLE"],
  [0x04, "STALE"],
  [0x08, "DELAY"],
  [0x10, "PROBE"],
  [0x20, "FAILED"],
  [0x40, "NOARP"],
  [0x80, "PERMANENT"],
]);

function neighbourEvent(message: Message, names: Names): KernelEvent | undefined {
  const { body } = message;
  if (body.byteLength < neighbourBytes) return undefined;
  const found = attribute(message, neighbourBytes, neighbourAttributes.ip);
  const ip = found && ipText(body.getUint8(0), found);
  const state = neighbourStates.get(body.getUint16(8, true));
  if (!ip || state === undefined) return undefined;
  const mac = attribute(message, neighbourBytes, neighbourAttributes.mac);
  return {
    kind: "neighbour",
    ip,
    mac: mac?.byteLength === 6 ? macFromBytes(bytesOf(mac)) : undefined,
    state: isGone(message) ? "DELETED" : state,
    ifname: nameOf(names, body.getInt32(4, true)),
  };
}

const netconfBytes = 4;
const netconfAttributes = { interface: 1, forwarding: 2, reversePath: 3 };

/** Of other settings nothing hangs on who changed them. */
function settingEvent(message: Message, names: Names): KernelEvent | undefined {
  const { interface: port, forwarding, reversePath } = netconfAttributes;
  const has = (type: number): boolean => attribute(message, netconfBytes, type) !== undefined;
  const index = number32(attribute(message, netconfBytes, port));
  if (index === undefined || !(has(forwarding) || has(reversePath))) return undefined;
  return { kind: "setting", ifname: settingOwner(index | 0, names) };
}

function settingOwner(index: number, names: Names): string {
  if (index === -1) return "all";
  return index === -2 ? "default" : nameOf(names, index);
}
