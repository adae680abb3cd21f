/** Text of one byte a character, U+0000 to U+00FF: any bytes survive it. */

export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let characters = "";
  for (let i = from; i < to; i++) characters += String.fromCharCode(bytes[i] ?? 0);
  return characters;
}

/** Characters that Latin-1 does not have become question marks. */
export const latin1Bytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? 0x3f : code;
  });
