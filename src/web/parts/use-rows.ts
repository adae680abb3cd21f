import {
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

const estimate = 49;
/** Of the list that was left last: it comes back as it was. */
let measured: VirtualItem[] = [];
const overscan = 12;

/** Of many rows those near what is seen of the page. @param body around them @param start pixels that the page is scrolled to at first */
export function useRows(
  count: number,
  keyOf: (index: number) => string,
  body: RefObject<HTMLElement | null>,
  start: number,
): ShownRows {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const margin = useRef(0);
  const rows = useRef<Rows | undefined>(undefined);
  const options: Rows["options"] = {
    ...(rows.current?.options as Rows["options"]),
    count,
    getItemKey: keyOf,
    getScrollElement: () => window,
    estimateSize: () => estimate,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
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
  useLayoutEffect(() => {
    virtualizer._willUpdate();
    const top = Math.round((body.current?.getBoundingClientRect().top ?? 0) + scrollY);
    if (top === margin.current) return;
    margin.current = top;
    redraw(undefined as never);
  });
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
