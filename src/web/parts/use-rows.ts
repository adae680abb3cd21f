import {
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  type VirtualItem,
  Virtualizer,
  windowScroll,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

type Rows = Virtualizer<Window, HTMLTableRowElement>;

export interface ShownRows {
  readonly items: readonly VirtualItem[];
  /** Pixels above the first of them, and below the last. */
  readonly above: number;
  readonly below: number;
  /** Each row's `ref`; it also needs `data-index`. */
  readonly measure: (row: HTMLTableRowElement | null) => void;
}

/** Of the list that was left last: it comes back as it was. */
let measured: VirtualItem[] = [];
let lastMargin = 0;
const overscan = 8;

export interface RowsWanted {
  readonly count: number;
  readonly keyOf: (index: number) => string;
  /** Pixels of a row that was not in the page yet. */
  readonly heightOf: (index: number) => number;
  /** Around the rows. */
  readonly body: RefObject<HTMLElement | null>;
  /** Pixels that the page is scrolled to at first. */
  readonly start: number;
}

/** The browser tells a row's height once it has laid the page out; to ask for it would make it do so at once, again for every row. */
const asTold: Rows["options"]["measureElement"] = (row, entry, rows) => {
  if (entry) return measureElement(row, entry, rows);
  const index = rows.indexFromElement(row);
  return rows.itemSizeCache.get(rows.options.getItemKey(index)) ?? rows.options.estimateSize(index);
};

/** A page that was just opened is at its top: to scroll there would lay it out in the middle of a task. */
const scrollTo: Rows["options"]["scrollToFn"] = (offset, how, rows) => {
  if (offset > 0 || lastMargin > 0) windowScroll(offset, how, rows);
};

/** Of many rows those near what is seen of the page. */
export function useRows({ count, keyOf, heightOf, body, start }: RowsWanted): ShownRows {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const margin = useRef(lastMargin);
  const rows = useRef<Rows | undefined>(undefined);
  const options: Rows["options"] = {
    ...(rows.current?.options as Rows["options"]),
    count,
    getItemKey: keyOf,
    getScrollElement: () => window,
    estimateSize: heightOf,
    measureElement: asTold,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: scrollTo,
    initialOffset: start,
    initialMeasurementsCache: measured,
    initialRect: { width: innerWidth, height: innerHeight },
    scrollMargin: margin.current,
    overscan,
    onChange: () => redraw(undefined as never),
  };
  rows.current ??= new Virtualizer(options);
  const virtualizer = rows.current;
  virtualizer.setOptions(options);
  useLayoutEffect(() => {
    const unmount = virtualizer._didMount();
    return () => {
      measured = [...virtualizer.measurementsCache];
      unmount();
    };
  }, [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    // The place of the body is known for nothing while sizes are told.
    const observer = new ResizeObserver(() => {
      const top = Math.round((body.current?.getBoundingClientRect().top ?? 0) + scrollY);
      if (top === margin.current) return;
      margin.current = top;
      lastMargin = top;
      redraw(undefined as never);
    });
    if (body.current) observer.observe(body.current);
    return () => observer.disconnect();
  }, [body]);
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  return {
    items,
    above: first ? first.start - margin.current : 0,
    below: last ? virtualizer.getTotalSize() - (last.end - margin.current) : 0,
    measure: virtualizer.measureElement,
  };
}
