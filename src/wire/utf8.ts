/** UTF-8 (RFC 3629), for rings that have no TextDecoder. */

const replacement = 0xfffd;

/** What a first byte promises: how many bytes follow, its own bits, and the range of the second byte. */
type Lead = readonly [more: number, bits: number, low: number, high: number];

/** Overlong forms, surrogates and what is above U+10FFFF are kept out by the second byte (RFC 3629 section 4). */
function leadOf(byte: number): Lead | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return [1, byte & 0x1f, 0x80, 0xbf];
  if (byte >= 0xe0 && byte <= 0xef)
    return [2, byte & 0x0f, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
  if (byte >= 0xf0 && byte <= 0xf4)
    return [3, byte & 0x07, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
  return undefined;
}

/** Each damaged sequence, as far as it could have been the beginning of a good one, becomes one U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at++] ?? 0;
    const lead = leadOf(first);
    let code = first < 0x80 ? first : replacement;
    if (lead !== undefined) {
      let [more, bits, low, high] = lead;
      for (; more > 0; more--) {
        const next = bytes[at] ?? 0;
        if (next < low || next > high) break;
        bits = (bits << 6) | (next & 0x3f);
        [low, high] = [0x80, 0xbf];
        at++;
      }
      if (more === 0) code = bits;
    }
    text += String.fromCodePoint(code);
  }
  return text;
}

/** Half a surrogate pair becomes U+FFFD. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? replacement : point;
    const tail = (shift: number): number => 0x80 | ((code >>> shift) & 0x3f);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >>> 6), tail(0));
    else if (code < 0x10000) bytes.push(0xe0 | (code >>> 12), tail(6), tail(0));
    else bytes.push(0xf0 | (code >>> 18), tail(12), tail(6), tail(0));
  }
  return Uint8Array.from(bytes);
}
