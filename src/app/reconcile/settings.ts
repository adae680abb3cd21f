import { messageOf } from "../../base/errors.ts";
import { forgetScript } from "../../plan/ruleset.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Failure } from "./apply.ts";

export interface Restored {
  /** `key = value` of each that was another before. */
  readonly settings: readonly string[];
  readonly failures: readonly Failure[];
}

/** Puts settings back as they were; those of interfaces that are gone need it no more. */
export async function restoreSettings(kernel: Kernel, saved: ReadonlyMap<string, string>): Promise<Restored> {
  const settings: string[] = [];
  const failures: Failure[] = [];
  for (const [key, value] of saved) {
    try {
      const now = await kernel.readSysctl(key);
      if (now === undefined || now === value) continue;
      await kernel.writeSysctl(key, value);
      settings.push(`${key} = ${value}`);
    } catch (thrown) {
      failures.push({ key: `sysctl ${key}`, message: messageOf(thrown) });
    }
  }
  return { settings, failures };
}

/**
 * Puts back what an earlier configuration changed and this one does not, and forgets it: a port that was the WAN and is the LAN now
 * must answer ARP again.
 */
export async function releaseSettings(
  kernel: Kernel,
  stale: ReadonlyMap<string, string>,
): Promise<readonly Failure[]> {
  if (stale.size === 0) return [];
  const { failures } = await restoreSettings(kernel, stale);
  const kept = new Set(failures.map((f) => f.key));
  const released = [...stale.keys()].filter((key) => !kept.has(`sysctl ${key}`));
  if (released.length === 0) return failures;
  try {
    await kernel.nft(forgetScript(released));
    return failures;
  } catch (thrown) {
    return [...failures, { key: "saved settings", message: messageOf(thrown) }];
  }
}
