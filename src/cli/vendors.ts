/** Who made a device, by the first bytes of its MAC. */
import type { Mac } from "../base/mac.ts";

/** What ieee-data and nmap bring, which somebody may keep up to date; the first that is there counts, before our own list. */
export const vendorFiles = [
  "/usr/share/ieee-data/oui.txt",
  "/var/lib/ieee-data/oui.txt",
  "/usr/share/nmap/nmap-mac-prefixes",
] as const;

/** Chosen at random or by an administrator: nobody's prefix (IEEE 802, U/L bit). */
export const isLocal = (mac: Mac): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;

const digitsOf = (mac: Mac): string => mac.replaceAll(":", "").toUpperCase();

/** `00-00-5E   (hex)\t\tICANN` and `00005E ICANN`; longer prefixes of nmap's have 7 or 9 digits. */
const line = /^([0-9A-F]{2}-[0-9A-F]{2}-[0-9A-F]{2}|[0-9A-F]{6,9})\s+(?:\(hex\)\s+)?(\S.*?)\s*$/gm;

/** The makers of these MACs, as far as the list has them; the longest prefix counts. */
export function vendorsOf(list: string, macs: readonly Mac[]): ReadonlyMap<Mac, string> {
  const wanted = new Map<string, string | undefined>();
  for (const mac of macs) {
    if (isLocal(mac)) continue;
    for (const length of [6, 7, 9]) wanted.set(digitsOf(mac).slice(0, length), undefined);
  }
  for (const [, prefix = "", name = ""] of list.matchAll(line)) {
    const key = prefix.replaceAll("-", "");
    if (wanted.has(key) && !name.startsWith("(base 16)")) wanted.set(key, name);
  }
  return new Map(
    macs.flatMap((mac) => {
      const names = [9, 7, 6].map((length) => wanted.get(digitsOf(mac).slice(0, length)));
      const name = names.find((text) => text !== undefined);
      return name === undefined || isLocal(mac) ? [] : [[mac, name] as const];
    }),
  );
}
