import { messageOf } from "../../base/errors.ts";
import { type Memory, type Restoring, readPortKey, renderRestoring } from "../../plan/port-memory.ts";
import { forgetScript } from "../../plan/ruleset.ts";
import type { Kernel } from "../../ports/kernel.ts";
import { type Failure, runBatch } from "./batch.ts";

export interface Restored {
  /** `key = value` of each that was another before; for ports the line that `ip` was told. */
  readonly settings: readonly string[];
  readonly failures: readonly Failure[];
}

/** Puts ports and settings back as they were; those of interfaces that are gone need it no more. */
export async function restoreSettings(kernel: Kernel, saved: Memory): Promise<Restored> {
  const { before, after } = renderRestoring(saved);
  const first = await restoreLines(kernel, before);
  const middle = await restoreSysctls(kernel, saved);
  const last = await restoreLines(kernel, after, 6);
  const all = [first, middle, last];
  return { settings: all.flatMap((r) => r.settings), failures: all.flatMap((r) => r.failures) };
}

async function restoreLines(kernel: Kernel, lines: readonly Restoring[], family?: 6): Promise<Restored> {
  const failures = await runBatch(kernel, lines, family);
  const failed = new Set(failures.map((f) => f.key));
  return { settings: lines.filter((l) => !failed.has(l.key)).map(({ line }) => `ip ${line}`), failures };
}

async function restoreSysctls(kernel: Kernel, saved: Memory): Promise<Restored> {
  const settings: string[] = [];
  const failures: Failure[] = [];
  for (const [key, value] of saved) {
    if (readPortKey(key)) continue;
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
  const released = [...stale.keys()].filter((key) => !kept.has(readPortKey(key) ? key : `sysctl ${key}`));
  if (released.length === 0) return failures;
  try {
    await kernel.nft(forgetScript(released));
    return failures;
  } catch (thrown) {
    return [...failures, { key: "saved settings", message: messageOf(thrown) }];
  }
}
