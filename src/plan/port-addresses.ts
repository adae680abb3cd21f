import type { Observed } from "./observe.ts";

/** IPv4 addresses with their lengths that an interface carries, ours first, and what else it has. */
export function portAddresses(observed: Observed | undefined, ifname: string): readonly string[] {
  const own = observed?.resources.flatMap((r) =>
    r.kind === "address" && r.ifname === ifname ? [`${r.ip}/${r.length}`] : [],
  );
  const foreign = [...(observed?.foreignAddresses ?? [])].flatMap((text) => {
    const [name, address = ""] = text.split(" ");
    return name === ifname ? [address] : [];
  });
  return [...(own ?? []), ...foreign];
}
