import { useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { perSecond } from "../amounts.ts";
import { dark } from "../state/theme.ts";
import type { Sample } from "./traffic.tsx";

const height = 190;
/** Seconds that are shown at least, so that the line grows from the right. */
const least = 60;

/** Begins with a moment before the first one, of which nothing is known. */
function dataOf(samples: readonly Sample[]): uPlot.AlignedData {
  const begin = (samples[0]?.at ?? Date.now() / 1_000) - least;
  return [
    [begin, ...samples.map(({ at }) => at)],
    [null, ...samples.map(({ received }) => received ?? null)],
    [null, ...samples.map(({ sent }) => sent ?? null)],
  ];
}

/** As the theme has it now: a canvas knows no variables. */
function colour(within: HTMLElement, name: string): string {
  within.style.color = `var(${name})`;
  return getComputedStyle(within).color;
}

function optionsFor(within: HTMLElement): uPlot.Options {
  const axis = {
    stroke: colour(within, "--chart-text"),
    grid: { stroke: colour(within, "--chart-grid"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const series = (label: string, stroke: string) => ({ label, stroke, width: 2, points: { show: false } });
  return {
    width: within.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - least), max] },
      y: { range: (_, __, max) => [0, Math.max(1_000, (max ?? 0) * 1.1)] },
    },
    axes: [
      axis,
      {
        ...axis,
        size: 72,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : perSecond(tick))),
      },
    ],
    series: [{}, series("Received", colour(within, "--received")), series("Sent", colour(within, "--sent"))],
  };
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
  const chart = useRef<uPlot | undefined>(undefined);
  const isDark = dark.value;
  // Colours are of the theme that there is when it is made.
  useLayoutEffect(() => {
    const within = place.current;
    if (!within) return undefined;
    within.dataset.dark = String(isDark);
    const made = new uPlot(optionsFor(within), dataOf(samples), within);
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: within.clientWidth, height }));
    resized.observe(within);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [isDark]);
  useLayoutEffect(() => chart.current?.setData(dataOf(samples)), [samples]);
  return <div ref={place} class="chart" role="img" aria-label={label} />;
}
