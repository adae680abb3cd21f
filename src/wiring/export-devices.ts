/** `gateway export`. Part of the composition root. */
import type { DeviceJson } from "../api/contract.ts";
import type { Mac } from "../base/mac.ts";
import { formatWall } from "../base/time.ts";
import { rowOf } from "../cli/api-view.ts";
import type { ExportOptions } from "../cli/commands/views.ts";
import type { ConfigPlace, Output } from "../cli/config-place.ts";
import type { DeviceRow } from "../cli/direct.ts";
import { exportRow, renderCsv } from "../cli/export-rows.ts";
import { jsonText } from "../cli/json-text.ts";
import { vendorFiles, vendorsOf } from "../cli/vendors.ts";
import { systemClock } from "../io/clock.ts";
import { openClient } from "./ask-api.ts";
import { readText } from "./files-of.ts";

export async function exportDevices(
  place: ConfigPlace,
  { format, direct, status }: ExportOptions,
  { out, err }: Output,
): Promise<0> {
  const all = direct ? await (await import("./look-direct.ts")).directRows(place) : await apiRows(place);
  const rows = all.filter((row) => !status || row.status === status);
  const macs = rows.map(({ mac }) => mac as Mac);
  const list = await vendorList();
  if (list === undefined) err("Makers are left out: vendors.txt is missing beside the program.\n");
  const vendors = vendorsOf(list ?? "", macs);
  const exported = rows.map((row) => exportRow(row, vendors));
  const exported_at = formatWall(systemClock.wall());
  out(
    format === "csv"
      ? renderCsv(exported)
      : jsonText({ exported_at, total: exported.length, devices: exported }),
  );
  return 0;
}

async function apiRows(place: ConfigPlace): Promise<readonly DeviceRow[]> {
  const { api } = await openClient(place);
  const { devices } = await api.get<{ readonly devices: readonly DeviceJson[] }>("/devices");
  return devices.map(rowOf);
}

async function vendorList(): Promise<string | undefined> {
  for (const path of [...vendorFiles, new URL("vendors.txt", import.meta.url).pathname]) {
    const text = await readText(path).catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}
