import { nftTable, nftTable6 } from "../../plan/marks.ts";
import { type Observed, observeCommands, parseObserved } from "../../plan/observe.ts";
import { observeCommands6, parseObserved6 } from "../../plan/observe6.ts";
import type { Resource } from "../../plan/resource.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { ready } from "./identity-settings.ts";

/** Reads what is in the kernel now, and the settings named by `sysctlKeys`. */
export async function observe(kernel: Kernel, sysctlKeys: readonly string[]): Promise<Observed> {
  const found = await look(kernel, sysctlKeys);
  const resources = await Promise.all(
    found.resources.map((r) => (r.kind === "identity" ? ready(kernel, r) : r)),
  );
  return { ...found, resources };
}

/** The same, whatever the settings of the identities are: where all go nobody asks. */
export async function look(kernel: Kernel, sysctlKeys: readonly string[]): Promise<Observed> {
  const { links, addresses, routes, rules, neighbours } = observeCommands;
  const [shown, shown6, nft, nft6, sysctls] = await Promise.all([
    kernel.ipShow(4, [links, addresses, routes, rules, neighbours]),
    show6(kernel),
    kernel.nftJson(["list", "table", nftTable.family, nftTable.name]),
    kernel.nftJson(["list", "table", nftTable6.family, nftTable6.name]),
    Promise.all(sysctlKeys.map((key) => readSetting(kernel, key))),
  ]);
  const observed = parseObserved({
    links: shown[0],
    addresses: shown[1],
    routes: shown[2],
    rules: shown[3],
    neighbours: shown[4],
    addresses6: shown6[0],
    routes6: shown6[1],
    rules6: shown6[2],
    neighbours6: shown6[3],
    nft,
    nft6,
  });
  return { ...observed, resources: [...observed.resources, ...sysctls.flat()] };
}

/**
 * What views show that somebody waits for: interfaces with their addresses of both families, IPv4 rules and our tables' contents; no routes,
 * no neighbours, no settings. One program is asked instead of two.
 */
export async function observeForViews(kernel: Kernel): Promise<Observed> {
  const { links, addresses, rules } = observeCommands;
  const [shown, nft] = await Promise.all([
    kernel.ipShow("both", [links, addresses, rules]),
    kernel.nftJson(["list", "table", nftTable.family, nftTable.name]),
  ]);
  return parseObserved({
    links: shown[0],
    addresses: shown[1],
    addresses6: shown[1],
    rules: shown[2],
    nft,
    routes: [],
    neighbours: [],
    routes6: [],
    rules6: [],
    neighbours6: [],
    nft6: undefined,
  });
}

/** The IPv6 addresses that these interfaces have now. */
export async function observeIdentities6(
  kernel: Kernel,
  ifnames: readonly string[],
): Promise<Pick<Observed, "resources" | "addresses6">> {
  if ((await kernel.readSysctl("net/ipv6/conf/all/disable_ipv6")) === undefined)
    return { resources: [], addresses6: new Map() };
  return parseObserved6({ addresses6: await kernel.ipAddresses6(ifnames) }, new Set());
}

/** A kernel without IPv6 does not answer; it has nothing to show either. */
async function show6(kernel: Kernel): Promise<readonly unknown[]> {
  if ((await kernel.readSysctl("net/ipv6/conf/all/disable_ipv6")) === undefined) return [];
  const { addresses6, routes6, rules6, neighbours6 } = observeCommands6;
  return kernel.ipShow(6, [addresses6, routes6, rules6, neighbours6]);
}

async function readSetting(kernel: Kernel, key: string): Promise<Resource[]> {
  const value = await kernel.readSysctl(key);
  return value === undefined ? [] : [{ kind: "sysctl", key, value }];
}
