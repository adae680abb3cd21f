/** Which addresses interfaces carry. */
import type { Observed } from "./observe.ts";

/** Of both families, as `ifname address`: ours, and what the kernel made on identities. */
export const carriedAddresses = ({ resources, addresses6 }: Observed): ReadonlySet<string> =>
  new Set([
    ...resources.flatMap((r) => (r.kind === "address" ? [`${r.ifname} ${r.ip}`] : [])),
    ...[...addresses6].flatMap(([ifname, facts]) => facts.map(({ ip }) => `${ifname} ${ip}`)),
  ]);

/** Those of `wanted` that an interface does not carry. */
export const notCarried = (
  carried: ReadonlySet<string>,
  ifname: string,
  wanted: readonly string[],
): readonly string[] => wanted.filter((ip) => !carried.has(`${ifname} ${ip}`));
