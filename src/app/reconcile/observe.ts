import { nftTable } from "../../plan/marks.ts";
import { type Observed, observeCommands, parseObserved } from "../../plan/observe.ts";
import type { Resource } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { ready } from "./identity-settings.ts";

/** Reads what is in the kernel now, and the settings named by `sysctlKeys`. */
export async function observe(kernel: Kernel, sysctlKeys: readonly string[]): Promise<Observed> {
  const { links, addresses, routes, rules, neighbours } = observeCommands;
  const [shown, nft, sysctls] = await Promise.all([
    kernel.ipShow([links, addresses, routes, rules, neighbours]),
    kernel.nftJson(["list", "table", nftTable.family, nftTable.name]),
    Promise.all(sysctlKeys.map((key) => readSetting(kernel, key))),
  ]);
  const observed = parseObserved({
    links: shown[0],
    addresses: shown[1],
    routes: shown[2],
    rules: shown[3],
    neighbours: shown[4],
    nft,
  });
  const resources = await Promise.all(
    observed.resources.map((r) => (r.kind === "identity" ? ready(kernel, r) : r)),
  );
  return { ...observed, resources: [...resources, ...sysctls.flat()] };
}

async function readSetting(kernel: Kernel, key: string): Promise<Resource[]> {
  const value = await kernel.readSysctl(key);
  return value === undefined ? [] : [{ kind: "sysctl", key, value }];
}
