/** Lets the kernel hand IPv6 packets on to the translator, where it cannot be told of single interfaces. */
import { list, text } from "../../plan/json-fields.ts";
import { identityMac } from "../../plan/marks.ts";
import { forceForwardingKey, forwardingKey6, hostKey6 } from "../../plan/sysctls.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { saveScript } from "./save-script.ts";

/**
 * On kernels before 6.17 turns forwarding on for the whole host, having kept in our table that it was off, and makes hosts of the identities again. Our table stops what is not ours
 * to forward. Errors: GatewayError "sysctl-failed".
 * @param ifname the translator's interface
 */
export async function forwardIpv6(
  kernel: Kernel,
  ifname: string,
  saved: ReadonlyMap<string, string>,
): Promise<void> {
  if ((await kernel.readSysctl(forceForwardingKey(ifname))) !== undefined) return;
  const was = await kernel.readSysctl(forwardingKey6);
  if (was === undefined || was === "1") return;
  if (!saved.has(forwardingKey6)) await kernel.nft(saveScript(forwardingKey6, was));
  await kernel.writeSysctl(forwardingKey6, "1");
  for (const link of list(await kernel.ipJson(["link", "show"]))) {
    const name = text(link.ifname);
    if (identityMac(name)) await kernel.writeSysctl(hostKey6(name), "0");
  }
}
