import { printable } from "../config/quote.ts";
import { columnsOf, cutTo, padTo, type Style, styled, wrap } from "./text.ts";

export interface Column {
  readonly title: string;
  /** The least width it may be cut to when the table is too wide; absent means never cut. */
  readonly least?: number;
}

export interface Row {
  readonly cells: readonly string[];
  /** Colour of a cell by its column. */
  readonly styles?: readonly (Style | undefined)[];
  /** Sentences beneath the row. */
  readonly notes?: readonly string[];
}

export interface TableOptions {
  /** Columns of the terminal that may be used. */
  readonly width: number;
  readonly color: boolean;
}

const gap = "  ";

/** Widths from the content; cut one column at a time, always the widest that may be, until the table fits. */
export function columnWidths(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(columnsOf(title), ...cells.map((row) => columnsOf(row[i] ?? ""))),
  );
  const total = () => widths.reduce((sum, w) => sum + w, 0) + gap.length * (columns.length - 1);
  while (total() > width) {
    let widest = -1;
    for (const [i, { least }] of columns.entries()) {
      const w = widths[i] ?? 0;
      if (least !== undefined && w > least && w > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** Lines of a table without a frame, for people; each line ends without blanks. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly Row[],
  options: TableOptions,
): readonly string[] {
  const cells = rows.map((row) => row.cells.map(printable));
  const widths = columnWidths(columns, cells, options.width);
  const line = (texts: readonly string[], styles: readonly (Style | undefined)[]): string => {
    const last = texts.findLastIndex((text) => text !== "");
    return texts
      .slice(0, last + 1)
      .map((text, i) => {
        const cut = cutTo(text, widths[i] ?? 0);
        return (
          styled(cut, styles[i], options.color) +
          (i === last ? "" : padTo(cut, widths[i] ?? 0).slice(cut.length))
        );
      })
      .join(gap);
  };
  const head = line(
    columns.map((c) => c.title),
    columns.map(() => "bold" as const),
  );
  const body = rows.flatMap((row, i) => [
    line(cells[i] ?? [], row.styles ?? []),
    ...(row.notes ?? []).flatMap((note) =>
      wrap(note, options.width, "    ").map((text) => styled(text, "dim", options.color)),
    ),
  ]);
  return [head, ...body];
}
