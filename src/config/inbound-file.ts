/**
 * `inbound.json`: which devices are open as a whole, and to whom. Everything read from it is validated, because it ends up in kernel rules; what is wrong is told in one sentence.
 */
import * as z from "zod/mini";
import { contains, formatCidr4, networkOf, parseInterface4 } from "../base/cidr4.ts";
import { contains6, formatCidr6, networkOf6 } from "../base/cidr6.ts";
import { messageOf } from "../base/errors.ts";
import type { Ip4 } from "../base/ip4.ts";
import { parseIp6 } from "../base/ip6.ts";
import { invalid, type Parsed, valid } from "../base/parsed.ts";
import { valueAt } from "./problems.ts";
import { showValue } from "./quote.ts";
import { ip4 } from "./state-values.ts";

/** `ports`: what `forwards.ports` and the manual forwards lead to it. `all`: every TCP and UDP port and echoes besides. */
export type Inbound = "ports" | "all";

/** What somebody decided about one device. */
export interface InboundChoice {
  /** Of the device, on the LAN. */
  readonly address: Ip4;
  readonly inbound: Inbound;
  /** Networks of both families that may reach it, as `parseSource` writes them; none inside another. Empty: everybody. */
  readonly from: readonly string[];
}

const mostChoices = 10_000;
const mostSources = 64;
const source = z.string().check(z.refine((text) => parseSource(text).ok));
const fileSchema = z.strictObject({
  version: z.literal(1),
  devices: z
    .array(
      z.strictObject({
        address: ip4,
        inbound: z.enum(["ports", "all"]),
        from: z.array(source).check(z.maxLength(mostSources)),
      }),
    )
    .check(z.maxLength(mostChoices)),
});

/** Never throws. */
export function parseInboundFile(text: string): Parsed<readonly InboundChoice[]> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    return invalid(`not JSON: ${showValue(messageOf(thrown))}`);
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) return invalid(describeIssue(parsed.error.issues[0], json));
  const { devices } = parsed.data;
  const twice = devices.find(({ address }, i) => devices.findIndex((d) => d.address === address) < i);
  if (twice) return invalid(`${twice.address} is there twice`);
  return valid(devices.map((device) => ({ ...device, from: distinct(device.from) })));
}

function describeIssue(issue: z.core.$ZodIssue | undefined, json: unknown): string {
  const path = issue?.path ?? [];
  const place = path.length === 0 ? "the file" : path.join(".");
  return `${place} is ${showValue(valueAt(json, path))}, which no device can have: address an IPv4 address, inbound ports or all, from a list of at most ${mostSources} networks such as 192.0.2.0/24 or 2001:db8::/32`;
}

export const renderInboundFile = (devices: readonly InboundChoice[]): string =>
  `${JSON.stringify({ version: 1, devices }, undefined, 2)}\n`;

/** The list with this choice in place of an earlier one about the same device; the same list where nothing changes. Errors: the list is full. */
export function choose(
  list: readonly InboundChoice[],
  choice: InboundChoice,
): Parsed<readonly InboundChoice[]> {
  const from = distinct(choice.from);
  if (from.length > mostSources)
    return invalid(`${from.length} networks are named, and ${mostSources} are the most`);
  const wanted: InboundChoice = { ...choice, from };
  const there = list.find(({ address }) => address === choice.address);
  if (JSON.stringify(there) === JSON.stringify(wanted)) return valid(list);
  if (there) return valid(list.map((one) => (one === there ? wanted : one)));
  if (list.length >= mostChoices)
    return invalid(`${mostChoices} devices are listed already, which is the most`);
  return valid([...list, wanted]);
}

/** The list without a word about the device. */
export const unchoose = (list: readonly InboundChoice[], address: Ip4): readonly InboundChoice[] =>
  list.some((one) => one.address === address) ? list.filter((one) => one.address !== address) : list;

/** Everybody. */
const anywhere = ["0.0.0.0/0", "::/0"];

/** The networks that every port of the device is open to. @param fallback for devices that the list says nothing of */
export function openTo(list: readonly InboundChoice[], address: Ip4, fallback: Inbound): readonly string[] {
  const choice = list.find((one) => one.address === address);
  if ((choice?.inbound ?? fallback) === "ports") return [];
  return choice && choice.from.length > 0 ? choice.from : anywhere;
}

/** A network or host of either family as people write it -> as the kernel prints it. Errors: what is allowed. */
export function parseSource(text: string): Parsed<string> {
  const [ip = "", bits, ...rest] = text.split("/");
  const no = invalid(`${showValue(text)} is not a network such as 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7`);
  if (rest.length > 0) return no;
  const four = parseInterface4(bits === undefined ? `${ip}/32` : text);
  if (four.ok) {
    const { ip: address, length } = four.value;
    const net = networkOf(address, length);
    if (net.address !== address) return beyond(text, formatCidr4(net));
    return valid(length === 32 ? address : formatCidr4(net));
  }
  const six = parseIp6(ip);
  const length = Number(bits ?? 128);
  if (!six.ok || !/^\d{1,3}$/.test(bits ?? "128") || length > 128) return no;
  const net = networkOf6(six.value, length);
  if (net.address !== six.value) return beyond(text, formatCidr6(net));
  return valid(length === 128 ? six.value : formatCidr6(net));
}

const beyond = (text: string, meant: string): Parsed<never> =>
  invalid(`${showValue(text)} has bits beyond its prefix length; ${meant} may be meant`);

/** Each once, and none that lies inside another: the kernel's sets take no overlapping networks. */
function distinct(from: readonly string[]): readonly string[] {
  const all = [...new Set(from)];
  return all.filter((one) => !all.some((other) => other !== one && isInside(one, other)));
}

function isInside(one: string, other: string): boolean {
  if (one.includes(":") !== other.includes(":")) return false;
  const [ip = "", bits] = one.split("/");
  const [outer = "", outerBits] = other.split("/");
  if (one.includes(":")) {
    const length = Number(outerBits ?? 128);
    return Number(bits ?? 128) >= length && contains6({ address: outer as never, length }, ip as never);
  }
  const length = Number(outerBits ?? 32);
  return Number(bits ?? 32) >= length && contains({ address: outer as Ip4, length }, ip as Ip4);
}
