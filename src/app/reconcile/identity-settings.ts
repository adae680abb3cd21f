/** Settings of identities: written before an identity goes up, read back, and watched for changes by others. */
import { GatewayError } from "../../base/errors.ts";
import type { Identity } from "../../plan/resource.ts";
import { hasIpv6Key, type IdentitySetting, identitySettings } from "../../plan/sysctls.ts";
import type { Kernel } from "../../ports/kernel.ts";

/** Whether there is such an interface. */
export const exists = async (kernel: Kernel, ifname: string): Promise<boolean> =>
  (await kernel.readSysctl(`net/ipv4/conf/${ifname}/forwarding`)) !== undefined;

/** Writes what differs of an interface's settings. Errors: GatewayError "sysctl-failed". */
export async function writeAll(kernel: Kernel, settings: readonly IdentitySetting[]): Promise<void> {
  for (const { key, value, optional } of settings) {
    const found = await kernel.readSysctl(key);
    if (found !== value && (found !== undefined || !optional)) await kernel.writeSysctl(key, value);
  }
}

/**
 * Writes what differs of an identity's settings, and reads it back at the end: a kernel may take a value and keep another, and
 * one setting may change the next. Errors: GatewayError "sysctl-failed"; "setting-not-kept", naming the key, the value wanted and the
 * one found.
 */
export async function writeSettings(kernel: Kernel, ifname: string): Promise<readonly number[]> {
  const ipv6 = (await kernel.readSysctl(hasIpv6Key(ifname))) !== undefined;
  const settings = identitySettings(ifname);
  const written: number[] = [];
  for (const [n, setting] of settings.entries()) {
    if (!ipv6 && isIpv6(setting)) continue;
    const found = await kernel.readSysctl(setting.key);
    if (found === setting.value || (found === undefined && setting.optional)) continue;
    await kernel.writeSysctl(setting.key, setting.value);
    written.push(n);
  }
  for (const { key, value } of settings.filter((_, n) => written.includes(n))) {
    const found = await kernel.readSysctl(key);
    if (found === value) continue;
    const message = `the kernel setting ${key} was set to ${value}, and is ${found ?? "gone"}`;
    throw new GatewayError("setting-not-kept", "kernel", message);
  }
  return written;
}

/**
 * The same for an identity that was made together with one whose settings were just written, so that it was made with the same ones; nothing is read, since to read
 * one of a thousand times twenty settings takes as long as to write it. The next whole pass looks at the decisive ones. Errors: GatewayError "sysctl-failed".
 */
export async function writeLikewise(kernel: Kernel, ifname: string, like: readonly number[]): Promise<void> {
  const settings = identitySettings(ifname);
  for (const n of like) {
    const setting = settings[n];
    if (setting) await kernel.writeSysctl(setting.key, setting.value);
  }
}

/**
 * The identity as it counts: one whose decisive settings somebody changed is as good as down, so that the next pass writes
 * them again. Writing `ip_forward`, as others do, turns forwarding off everywhere.
 */
export async function ready(kernel: Kernel, identity: Identity): Promise<Identity> {
  const decisive = identitySettings(identity.ifname).filter((s) => s.decisive);
  const found = await Promise.all(decisive.map(({ key }) => kernel.readSysctl(key)));
  // A kernel without IPv6 has none of its settings.
  const kept = decisive.every((s, i) => found[i] === s.value || (found[i] === undefined && isIpv6(s)));
  return kept ? identity : { ...identity, up: false };
}

const isIpv6 = ({ key }: IdentitySetting): boolean => key.startsWith("net/ipv6/");
