/** An IPv6 address as its eight groups of 16 bits, from and to its canonical text. For text that strangers send there is `parseIp6`. */

const colon = 0x3a;
const groupCount = 8;

/** Of an address that is canonical already (RFC 5952): no dotted part, no zone, nothing that is not there. */
export function groupsFromText(text: string): readonly number[] {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  const gap = text.indexOf("::");
  if (gap < 0) readGroups(text, 0, text.length, groups, 0);
  else {
    readGroups(text, 0, gap, groups, 0);
    const after = gap + 2;
    readGroups(text, after, text.length, groups, groupCount - countGroups(text, after));
  }
  return groups;
}

/** Those between `from` and `to`, put into `groups` from `first` on. */
function readGroups(text: string, from: number, to: number, groups: number[], first: number): void {
  let n = first;
  let group = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === colon) {
      groups[n++] = group;
      group = 0;
    } else group = group * 16 + digitOf(code);
  }
  if (from < to) groups[n] = group;
}

/** `0` to `9` are 0x30 to 0x39, `a` to `f` 0x61 to 0x66, `A` to `F` 0x41 to 0x46. */
const digitOf = (code: number): number => (code <= 0x39 ? code - 0x30 : (code & 0xdf) - 0x37);

function countGroups(text: string, from: number): number {
  let count = from < text.length ? 1 : 0;
  for (let at = from; at < text.length; at++) if (text.charCodeAt(at) === colon) count++;
  return count;
}

/** RFC 5952 section 4: no leading zeros, lower case, and `::` for the longest run of two zeros or more, the first of equal ones. */
export function textFromGroups(groups: readonly number[]): string {
  const { at, length } = longestZeros(groups);
  if (length < 2) return hex(groups, 0, groupCount);
  return `${hex(groups, 0, at)}::${hex(groups, at + length, groupCount)}`;
}

function hex(groups: readonly number[], from: number, to: number): string {
  let text = "";
  for (let n = from; n < to; n++) text += n === from ? toHex(groups[n]) : `:${toHex(groups[n])}`;
  return text;
}

const toHex = (group = 0): string => group.toString(16);

function longestZeros(groups: readonly number[]): { readonly at: number; readonly length: number } {
  let at = 0;
  let longest = 0;
  let length = 0;
  for (let n = 0; n < groupCount; n++) {
    length = groups[n] === 0 ? length + 1 : 0;
    if (length <= longest) continue;
    longest = length;
    at = n - length + 1;
  }
  return { at, length: longest };
}
