/** Devices as rows for those who register MACs. */
import { stringify } from "csv-stringify/sync";
import type { Mac } from "../base/mac.ts";
import { formatWall, type WallTime } from "../base/time.ts";
import { printable } from "../config/quote.ts";
import type { DeviceRow } from "./direct.ts";
import { isLocal } from "./vendors.ts";

export const localVendor = "locally administered (randomised)";

export interface ExportRow {
  readonly mac_address: string;
  readonly hostname: string | null;
  /** Null: not known. */
  readonly vendor: string | null;
  readonly status: string;
  readonly ipv4_address: string | null;
  readonly ipv4_wan_address: string | null;
  readonly ipv6_address: string | null;
  readonly discovered_at: string | null;
  readonly last_seen: string | null;
}

const columns = [
  "mac_address",
  "hostname",
  "vendor",
  "status",
  "ipv4_address",
  "ipv4_wan_address",
  "ipv6_address",
  "discovered_at",
  "last_seen",
] as const satisfies readonly (keyof ExportRow)[];

const iso = (at: WallTime | null): string | null => (at === null ? null : formatWall(at));

export const exportRow = (row: DeviceRow, vendors: ReadonlyMap<Mac, string>): ExportRow => ({
  mac_address: row.mac,
  hostname: row.hostname,
  vendor: isLocal(row.mac as Mac) ? localVendor : (vendors.get(row.mac as Mac) ?? null),
  status: row.status,
  ipv4_address: row.lan4,
  ipv4_wan_address: row.wan4,
  ipv6_address: row.wan6.length === 0 ? null : row.wan6.join(","),
  discovered_at: iso(row.discoveredAt),
  last_seen: iso(row.lastSeen),
});

/** RFC 4180; what a spreadsheet would take for a formula has an apostrophe before it, since devices choose their host names. */
export const renderCsv = (rows: readonly ExportRow[]): string =>
  stringify(
    rows.map((row) => columns.map((column) => (row[column] === null ? "" : printable(row[column])))),
    { header: true, columns: [...columns], record_delimiter: "windows", escape_formulas: true },
  );
