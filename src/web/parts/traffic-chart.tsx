import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { perSecond } from "../amounts.ts";
import { dark } from "../state/theme.ts";
import type { Chart } from "./chart-drawing.ts";
import type { Sample } from "./traffic.tsx";

type Drawing = Pick<typeof import("./chart-drawing.ts"), "drawChart">;
/** Undefined: not there yet. An older page's may be gone after an upgrade of the gateway. */
const drawing = signal<Drawing | "failed" | undefined>(undefined);

async function loadDrawing(): Promise<void> {
  if (drawing.peek() === undefined)
    drawing.value = await import("./chart-drawing.ts").catch(() => "failed" as const);
}

/** The same figures stand beside it as text. */
export function TrafficChart({
  samples,
  label,
}: {
  readonly samples: readonly Sample[];
  readonly label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const isDark = dark.value;
  const means = drawing.value;
  useEffect(() => void loadDrawing(), []);
  // Colours are of the theme that there is when it is made.
  useLayoutEffect(() => {
    const within = place.current;
    if (!within || means === undefined || means === "failed") return undefined;
    within.dataset.dark = String(isDark);
    const made = means.drawChart(within, samples, perSecond);
    chart.current = made;
    return () => made.remove();
  }, [isDark, means]);
  useLayoutEffect(() => chart.current?.show(samples), [samples]);
  if (means === "failed") return <p class="dim">The chart could not be loaded: reload the page.</p>;
  return <div ref={place} class="chart" role="img" aria-label={label} />;
}
