/**
 * `forwards.json`: the forwards that people asked for. Everything read from it is validated, because it ends up in kernel rules; what is
 * wrong is told in one sentence.
 */
import * as z from "zod/mini";
import { contains, formatCidr4, type Interface4, networkOf } from "../base/cidr4.ts";
import { messageOf } from "../base/errors.ts";
import { type Ip4, ip4ToNumber, parseIp4 } from "../base/ip4.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { valueAt } from "./problems.ts";
import { showValue } from "./quote.ts";
import { ip4 } from "./state-values.ts";

export type Protocol = "tcp" | "udp";

/** A port of the gateway's LAN address, and of the WAN addresses of the device, that leads to a port of the device. */
export interface ManualForward {
  readonly protocol: Protocol;
  readonly port: number;
  /** Of the device, on the LAN. */
  readonly address: Ip4;
  /** Port of the device. */
  readonly target: number;
}

const port = z.int().check(z.minimum(1), z.maximum(65535));
const entry = z.strictObject({
  protocol: z.enum(["tcp", "udp"]),
  port,
  address: ip4,
  target: port,
});
/** More than anyone sets up by hand. */
const mostForwards = 1000;
const fileSchema = z.strictObject({
  version: z.literal(1),
  forwards: z.array(entry).check(z.maxLength(mostForwards)),
});

/** Never throws. */
export function parseForwardsFile(text: string): Parsed<readonly ManualForward[]> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return invalid(`not JSON: ${showValue(messageOf(thrown))}`);
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) return invalid(describeIssue(parsed.error.issues[0], json));
  const twice = firstTwice(parsed.data.forwards);
  return twice ? invalid(`${nameOf(twice)} is there twice`) : valid(parsed.data.forwards);
}

function describeIssue(issue: z.core.$ZodIssue | undefined, json: unknown): string {
  const path = issue?.path ?? [];
  const value = showValue(valueAt(json, path));
  const place = path.length === 0 ? "the file" : path.join(".");
  return `${place} is ${value}, which no forward can have: protocol tcp or udp, port and target 1 to 65535, address an IPv4 address`;
}

function firstTwice(forwards: readonly ManualForward[]): ManualForward | undefined {
  const seen = new Set<string>();
  return forwards.find((f) => seen.size === seen.add(nameOf(f)).size);
}

export const renderForwardsFile = (forwards: readonly ManualForward[]): string =>
  `${JSON.stringify({ version: 1, forwards }, undefined, 2)}\n`;

/** `TCP port 8080`. */
export const nameOf = ({ protocol, port }: Pick<ManualForward, "protocol" | "port">): string =>
  `${protocol.toUpperCase()} port ${port}`;

/** What the gateway itself needs: who holds a port, by `TCP port 53` and the like. */
export type Holders = ReadonlyMap<string, string>;

/**
 * The list with one more. Errors: why not, naming the holder of the port. What is there already changes nothing.
 * @param lan the gateway's own address in its network
 */
export function addForward(
  list: readonly ManualForward[],
  forward: ManualForward,
  lan: Interface4,
  holders: Holders,
): Parsed<readonly ManualForward[]> {
  const name = nameOf(forward);
  const holder = holders.get(name);
  const taken = list.find((f) => nameOf(f) === name);
  if (taken && taken.address === forward.address && taken.target === forward.target) return valid(list);
  const outside = refuseAddress(forward.address, lan);
  if (outside) return invalid(outside);
  if (holder) return invalid(`${name} is taken by ${holder}`);
  if (taken)
    return invalid(`${name} is taken by the forward to ${taken.address}:${taken.target}; remove it first`);
  if (list.length >= mostForwards)
    return invalid(`there are ${mostForwards} forwards already, which is the most`);
  return valid([...list, forward]);
}

/** The list without it. Errors: there is no such forward. */
export function removeForward(
  list: readonly ManualForward[],
  { protocol, port, address, target }: ManualForward,
): Parsed<readonly ManualForward[]> {
  const name = nameOf({ protocol, port });
  const there = list.find((f) => nameOf(f) === name);
  if (!there) return invalid(`there is no forward of ${name}`);
  if (there.address !== address || there.target !== target)
    return invalid(`${name} leads to ${there.address}:${there.target}, not to ${address}:${target}`);
  return valid(list.filter((f) => f !== there));
}

/** Why no forward may lead there: only other hosts of the LAN are devices. @param lan the gateway's own address in its network */
export function refuseAddress(address: Ip4, lan: Interface4): string | undefined {
  const net = networkOf(lan.ip, lan.length);
  if (!contains(net, address)) return `${address} is not inside the LAN ${formatCidr4(net)}`;
  if (address === lan.ip) return `${address} is the gateway itself`;
  const offset = ip4ToNumber(address) - ip4ToNumber(net.address);
  const isEdge = offset === 0 || offset === 2 ** (32 - net.length) - 1;
  return isEdge && net.length < 31 ? `${address} is not a host of the LAN ${formatCidr4(net)}` : undefined;
}

/** What a person types as a port. Errors: what is allowed. */
export function parsePort(text: string): Parsed<number> {
  const good = /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535;
  return good ? valid(Number(text)) : invalid(`${showValue(text)} is not a port: a number from 1 to 65535`);
}

/** What a person types as a device's address. Errors: what is allowed. */
export function parseDeviceAddress(text: string): Parsed<Ip4> {
  const parsed = parseIp4(text);
  return parsed.ok ? parsed : invalid(`${showValue(text)} is not an IPv4 address such as 192.168.1.100`);
}
