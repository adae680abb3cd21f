/** What of the kernel's events is not even queued for us: programs for the sockets that hear them. Netlink's numbers are little-endian, a program's are not. */
import {
  assemble,
  type BpfInstruction,
  equals,
  keep,
  load8,
  load16,
  load32,
  verdicts,
} from "../../wire/bpf-lines.ts";
import { newNeighbour, newRoute, newRule } from "./message.ts";

const typeAt = 4;
/** Who asked for the change: the address of a socket, which is its process's number in most cases. */
const askerAt = 12;
const routeProtocolAt = 16 + 5;
/** `RTPROT_KERNEL`: routes that come and go with an address or a link, of which it tells as well. */
const byKernel = 2;

const swapped16 = (value: number): number => ((value & 0xff) << 8) | (value >> 8);
const swapped32 = (value: number): number =>
  ((swapped16(value & 0xffff) << 16) | swapped16(value >>> 16)) >>> 0;

const dropIfBy = (askers: readonly number[]) => [
  load32(askerAt),
  ...askers.map((asker) => equals(swapped32(asker), { yes: "drop" })),
];
const oneOf = (types: readonly number[], name: string) =>
  types.flatMap((type) => [type, type + 1]).map((type) => equals(swapped16(type), { yes: name }));

/** Of rtnetlink: neither the kernel's own routes, nor routes, rules and neighbours that these programs of ours have changed. */
export const changesOfOthers = (own: readonly number[]): readonly BpfInstruction[] =>
  assemble([
    load16(typeAt),
    ...oneOf([newRoute], "route"),
    ...oneOf([newRule, newNeighbour], "asked"),
    keep,
    "route",
    load8(routeProtocolAt),
    equals(byKernel, { yes: "drop" }),
    "asked",
    ...dropIfBy(own),
    ...verdicts,
  ]);

/** Of nftables: nothing that this socket of ours has changed. */
export const rulesetsOfOthers = (own: number): readonly BpfInstruction[] =>
  assemble([...dropIfBy([own]), ...verdicts]);
