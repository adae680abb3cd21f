/** The devices as the gateway told them last. */
import { computed, effect, signal } from "@preact/signals";
import type { DeviceJson } from "../../api/contract.ts";
import { countStatuses } from "../device-list.ts";
import { ask } from "./ask.ts";

/** By MAC; undefined: not told yet. */
export const devices = signal<ReadonlyMap<string, DeviceJson> | undefined>(undefined);
export const all = computed(() => [...(devices.value?.values() ?? [])]);
export const counts = computed(() => countStatuses(all.value));

/** What is wrong with the gateway, in sentences. */
export const problems = signal<readonly string[]>([]);

/** Changes are shown together: a burst tells of hundreds within a second. */
const gatherMs = 150;
const changed = new Map<string, DeviceJson | null>();
let timer: ReturnType<typeof setTimeout> | undefined;

export const deviceChanged = (device: DeviceJson): void => note(device.mac_address, device);
export const deviceRemoved = (mac: string): void => note(mac, null);

/** What was told since each list that is on its way was asked for. */
const meanwhile = new Set<Map<string, DeviceJson | null>>();

function note(mac: string, device: DeviceJson | null): void {
  for (const told of [changed, ...meanwhile]) told.set(mac, device);
  timer ??= setTimeout(show, gatherMs);
}

function show(): void {
  clearTimeout(timer);
  timer = undefined;
  if (changed.size === 0) return;
  devices.value = withChanges(devices.value ?? [], changed);
  changed.clear();
}

function withChanges(
  before: Iterable<readonly [string, DeviceJson]>,
  told: ReadonlyMap<string, DeviceJson | null>,
): ReadonlyMap<string, DeviceJson> {
  const next = new Map(before);
  for (const [mac, device] of told) {
    if (device) next.set(mac, device);
    else next.delete(mac);
  }
  return next;
}

/** All of them anew. What was told meanwhile is newer than the answer may be. Errors: ApiError. */
export const fetchDevices = (signal?: AbortSignal): Promise<void> =>
  showAll(ask<DeviceList>("/devices", signal ? { signal } : {}));

export interface DeviceList {
  readonly devices: readonly DeviceJson[];
}

/** An answer that is on its way. Rejects as it does. */
export async function showAll(answer: Promise<DeviceList>): Promise<void> {
  show();
  const told = new Map<string, DeviceJson | null>();
  meanwhile.add(told);
  try {
    const list = await answer;
    devices.value = withChanges(
      list.devices.map((device) => [device.mac_address, device]),
      told,
    );
  } finally {
    meanwhile.delete(told);
  }
}

/** Resolves when they are told for the first time. */
export const listed = (): Promise<void> =>
  new Promise((done) => {
    effect(() => {
      if (devices.value) done();
    });
  });
