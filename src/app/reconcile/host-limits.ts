import { type HostLimit, planHostLimits } from "../../plan/host-limits.ts";
import type { Kernel } from "../../ports/kernel.ts";
import type { Log } from "../../ports/log.ts";
import { saveScript } from "./save-script.ts";

interface Found {
  readonly limit: HostLimit;
  /** Undefined where it cannot be read: many exist only in the host's first network namespace. */
  readonly value: string | undefined;
}

/**
 * Raises the host's limits to what `maxDevices` need, once our table is there: it keeps the values before, as it does those of ports.
 * `saved` is what it keeps already. What cannot be read or written is one warning; the gateway works without, for fewer devices.
 */
export async function raiseHostLimits(
  kernel: Kernel,
  log: Log,
  saved: ReadonlyMap<string, string>,
  maxDevices: number,
): Promise<void> {
  const found = await Promise.all(planHostLimits(maxDevices).map((limit) => look(kernel, limit)));
  const low = found.filter((f) => !suffices(f));
  const kept = await keep(kernel, low, saved);
  const lacking: Found[] = [];
  for (const f of low) if (!kept || !(await raise(kernel, f))) lacking.push(f);
  if (lacking.length === 0) return;
  const list = lacking.map(({ limit, value }) => `${limit.key} is ${value ?? "unknown"}, ${needed(limit)}`);
  log.warn(`limits of the host that suit fewer than ${maxDevices} devices: ${list.join("; ")}`);
}

async function look(kernel: Kernel, limit: HostLimit): Promise<Found> {
  return { limit, value: await kernel.readSysctl(limit.key).catch(() => undefined) };
}

function suffices({ limit, value }: Found): boolean {
  if (value === undefined) return false;
  return limit.kind === "least" ? Number(value) >= limit.value : Number(value) === limit.value;
}

const needed = ({ kind, value }: HostLimit): string =>
  `${kind === "least" ? "at least " : ""}${value} needed`;

/** Whether the values as they are stand in our table. */
async function keep(
  kernel: Kernel,
  found: readonly Found[],
  saved: ReadonlyMap<string, string>,
): Promise<boolean> {
  const scripts = found.map(({ limit: { key }, value }) =>
    value === undefined || saved.has(key) ? "" : saveScript(key, value),
  );
  const script = scripts.join("");
  return script === "" || succeeds(() => kernel.nft(script));
}

const raise = async (kernel: Kernel, { limit, value }: Found): Promise<boolean> =>
  value !== undefined && (await succeeds(() => kernel.writeSysctl(limit.key, String(limit.value))));

async function succeeds(task: () => Promise<void>): Promise<boolean> {
  try {
    await task();
    return true;
  } catch {
    return false;
  }
}
