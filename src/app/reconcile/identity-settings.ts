/** Settings of identities: written before an identity goes up, read back, and watched for changes by others. */
import { GatewayError } from "../../base/errors.ts";
import type { Identity } from "../../plan/resource.ts";
import { hasIpv6Key, type IdentitySetting, identitySettings } from "../../plan/sysctls.ts";
import type { Kernel } from "../../ports/kernel.ts";

/**
 * Writes all settings of an identity and reads them back: some drivers and older kernels take a value and keep another.
 * Errors: GatewayError "sysctl-failed"; "setting-not-kept", naming the key, the value wanted and the one found.
 */
export async function writeSettings(kernel: Kernel, ifname: string): Promise<void> {
  const settings = await settingsHere(kernel, ifname);
  const written: IdentitySetting[] = [];
  for (const setting of settings) {
    if (setting.optional && (await kernel.readSysctl(setting.key)) === undefined) continue;
    await kernel.writeSysctl(setting.key, setting.value);
    written.push(setting);
  }
  for (const { key, value } of written) {
    const found = await kernel.readSysctl(key);
    if (found === value) continue;
    const message = `the kernel setting ${key} was set to ${value}, and is ${found ?? "gone"}`;
    throw new GatewayError("setting-not-kept", "kernel", message);
  }
}

/**
 * The identity as it counts: one whose decisive settings somebody changed is as good as down, so that the next pass writes
 * them again. Writing `ip_forward`, as others do, turns forwarding off everywhere.
 */
export async function ready(kernel: Kernel, identity: Identity): Promise<Identity> {
  const decisive = (await settingsHere(kernel, identity.ifname)).filter((s) => s.decisive);
  const found = await Promise.all(decisive.map(({ key }) => kernel.readSysctl(key)));
  const kept = decisive.every(({ value }, i) => found[i] === value);
  return kept ? identity : { ...identity, up: false };
}

/** A kernel without IPv6 has none of its settings. */
async function settingsHere(kernel: Kernel, ifname: string): Promise<readonly IdentitySetting[]> {
  const settings = identitySettings(ifname);
  const ipv6 = (await kernel.readSysctl(hasIpv6Key(ifname))) !== undefined;
  return ipv6 ? settings : settings.filter((s) => !s.key.startsWith("net/ipv6/"));
}
