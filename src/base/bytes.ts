/** Cursor readers and writers over network byte order. */
import { type Ip4, ip4FromBytes, ip4ToBytes } from "./ip4.ts";
import { type Ip6, ip6FromBytes, ip6ToBytes } from "./ip6.ts";
import { type Mac, macFromBytes, macToBytes } from "./mac.ts";

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * Reads from the front. A read past the end gives zeros and is remembered, so that a codec checks once, at `finish`.
 */
export class ByteReader {
  #offset = 0;
  #error: string | undefined;
  constructor(readonly bytes: Uint8Array) {}

  get offset(): number {
    return this.#offset;
  }
  get remaining(): number {
    return Math.max(0, this.bytes.length - this.#offset);
  }
  /** The first thing that went wrong, or undefined. */
  get error(): string | undefined {
    return this.#error;
  }

  #take(n: number): number {
    const at = this.#offset;
    if (at + n > this.bytes.length) this.#error ??= `ends after ${this.bytes.length} bytes, ${at + n} needed`;
    this.#offset = at + n;
    return at;
  }

  u8(): number {
    return this.bytes[this.#take(1)] ?? 0;
  }
  u16(): number {
    const at = this.#take(2);
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }
  u32(): number {
    const high = this.u16();
    return high * 65536 + this.u16();
  }
  ip4(): Ip4 {
    return ip4FromBytes(this.bytes, this.#take(4));
  }
  ip6(): Ip6 {
    return ip6FromBytes(this.bytes, this.#take(16));
  }
  mac(): Mac {
    return macFromBytes(this.bytes, this.#take(6));
  }
  /** A copy of the next `n` bytes, zero-filled past the end. */
  take(n: number): Uint8Array {
    const at = this.#take(n);
    const out = new Uint8Array(n);
    out.set(this.bytes.subarray(Math.min(at, this.bytes.length), Math.min(at + n, this.bytes.length)));
    return out;
  }
  rest(): Uint8Array {
    return this.take(this.remaining);
  }
  skip(n: number): void {
    this.#take(n);
  }
  /** Records a codec's own complaint; the first one stays. */
  fail(why: string): void {
    this.#error ??= why;
  }
  /** The error if there was one, else a complaint about bytes left over, else undefined. */
  finish(): string | undefined {
    return this.#error ?? (this.remaining > 0 ? `${this.remaining} bytes left over` : undefined);
  }
}

/** Room that writers borrow until they are done: what a frame takes otherwise is mostly the making of buffers for its layers. */
const spare: Uint8Array[] = [];
const spareSize = 2048;

/** Writes to the end of a growing buffer. */
export class ByteWriter {
  #bytes = spare.pop() ?? new Uint8Array(spareSize);
  #borrowed = true;
  #length = 0;

  get length(): number {
    return this.#length;
  }
  #room(n: number): number {
    const at = this.#length;
    if (at + n > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + n));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#borrowed = false;
    }
    this.#length = at + n;
    return at;
  }
  u8(value: number): this {
    const at = this.#room(1);
    this.#bytes[at] = value;
    return this;
  }
  u16(value: number): this {
    const at = this.#room(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
    return this;
  }
  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }
  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  ip4(ip: Ip4): this {
    return this.raw(ip4ToBytes(ip));
  }
  ip6(ip: Ip6): this {
    return this.raw(ip6ToBytes(ip));
  }
  mac(mac: Mac): this {
    return this.raw(macToBytes(mac));
  }
  zeros(n: number): this {
    const at = this.#room(n);
    this.#bytes.fill(0, at, at + n);
    return this;
  }
  /** A copy of what was written. */
  done(): Uint8Array {
    const copy = this.#bytes.slice(0, this.#length);
    if (this.#borrowed) spare.push(this.#bytes);
    // What is written after this finds no room in it, and takes some of its own.
    this.#bytes = copy;
    this.#borrowed = false;
    return copy;
  }
}
