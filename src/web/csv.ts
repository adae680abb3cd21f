/** Tables for spreadsheets (RFC 4180). */

/** Host names come from devices that nobody vouches for: none becomes a formula in whoever's spreadsheet. */
const harmless = (text: string): string => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);

const cell = (value: string | null): string => {
  const text = harmless(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A heading and a line for each row. */
export function csvOf<K extends string>(
  columns: readonly K[],
  rows: readonly Readonly<Record<K, string | null>>[],
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(","));
  return [columns.join(","), ...lines, ""].join("\r\n");
}
