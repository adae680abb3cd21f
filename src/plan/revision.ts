/** Short names of texts. */

/** FNV-1a, 32 bits. */
export function fnv(text: string, seed = 0x811c9dc5): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** A short name of a text that changes when one character does: twice 32 bits, in hex. */
export const revisionOf = (text: string): string =>
  [fnv(text), fnv(text, 0x9747b28c)].map((h) => h.toString(16).padStart(8, "0")).join("");
