/** Netlink messages as the kernel builds them. */

export type Attribute = readonly [type: number, value: Uint8Array];

export const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
export const zeroEnded = (text: string): Uint8Array => Uint8Array.from([...Buffer.from(text), 0]);

const padded = (bytes: Uint8Array): readonly number[] => [
  ...bytes,
  ...new Array((4 - (bytes.length % 4)) % 4).fill(0),
];
const u16 = (value: number): readonly number[] => [value & 255, value >> 8];

/** @param fixed what stands before the attributes */
export function netlinkMessage(
  type: number,
  fixed: Uint8Array,
  attributes: readonly Attribute[],
  flags = 0,
  asker = 0,
): Uint8Array {
  const body = [
    ...padded(fixed),
    ...attributes.flatMap(([kind, value]) =>
      padded(Uint8Array.from([...u16(4 + value.length), ...u16(kind), ...value])),
    ),
  ];
  return Uint8Array.from([
    ...u32(16 + body.length),
    ...u16(type),
    ...u16(flags),
    ...u32(0),
    ...u32(asker),
    ...body,
  ]);
}

/** `struct ifinfomsg`. */
export const ifinfo = (index: number, flags: number): Uint8Array =>
  Uint8Array.from([0, 0, 1, 0, ...u32(index), ...u32(flags), ...u32(0)]);
/** `struct ifaddrmsg`. */
export const ifaddr = (family: number, length: number, index: number, flags = 0): Uint8Array =>
  Uint8Array.from([family, length, flags, 0, ...u32(index)]);

export interface RouteHead {
  readonly family: number;
  readonly to?: number;
  readonly from?: number;
  readonly table?: number;
  readonly protocol: number;
  readonly flags?: number;
}
/** `struct rtmsg`. */
export const rtmsg = ({
  family,
  to = 0,
  from = 0,
  table = 254,
  protocol,
  flags = 0,
}: RouteHead): Uint8Array => Uint8Array.from([family, to, from, 0, table, protocol, 0, 1, ...u32(flags)]);
/** `struct ndmsg`. */
export const ndmsg = (family: number, index: number, state: number): Uint8Array =>
  Uint8Array.from([family, 0, 0, 0, ...u32(index), ...u16(state), 0, 1]);
