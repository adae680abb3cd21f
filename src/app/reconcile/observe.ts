import { nftTable } from "../../plan/marks.ts";
import { type Observed, observeCommands, parseObserved } from "../../plan/observe.ts";
import type { Identity, Resource } from "../../plan/resource.ts";
import { forwardingKey } from "../../plan/sysctls.ts";
import type { Kernel } from "../../ports/kernel.ts";

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

/** Writing `ip_forward`, as others do, turns forwarding off everywhere: such an identity is as good as down. */
async function ready(kernel: Kernel, identity: Identity): Promise<Identity> {
  const forwards = (await kernel.readSysctl(forwardingKey(identity.ifname))) === "1";
  return forwards ? identity : { ...identity, up: false };
}

async function readSetting(kernel: Kernel, key: string): Promise<Resource[]> {
  const value = await kernel.readSysctl(key);
  return value === undefined ? [] : [{ kind: "sysctl", key, value }];
}
