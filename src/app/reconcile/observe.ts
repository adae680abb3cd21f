import { nftTable } from "../../plan/marks.ts";
import { type Observed, observeCommands, parseObserved } from "../../plan/observe.ts";
import type { Resource } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";

/** Reads what is in the kernel now, and the settings named by `sysctlKeys`. */
export async function observe(kernel: Kernel, sysctlKeys: readonly string[]): Promise<Observed> {
  const [links, addresses, routes, rules, neighbours, nft, sysctls] = await Promise.all([
    kernel.ipJson(observeCommands.links),
    kernel.ipJson(observeCommands.addresses),
    kernel.ipJson(observeCommands.routes),
    kernel.ipJson(observeCommands.rules),
    kernel.ipJson(observeCommands.neighbours),
    kernel.nftJson(["list", "table", nftTable.family, nftTable.name]),
    Promise.all(sysctlKeys.map((key) => readSetting(kernel, key))),
  ]);
  const observed = parseObserved({ links, addresses, routes, rules, neighbours, nft });
  return { ...observed, resources: [...observed.resources, ...sysctls.flat()] };
}

async function readSetting(kernel: Kernel, key: string): Promise<Resource[]> {
  const value = await kernel.readSysctl(key);
  return value === undefined ? [] : [{ kind: "sysctl", key, value }];
}
