/** The chart itself: loaded when a chart is shown, since it is a third of the page's program. */
import uPlot from "uplot";
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

function optionsFor(within: HTMLElement, amount: (rate: number) => string): uPlot.Options {
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
        values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : amount(tick))),
      },
    ],
    series: [{}, series("Received", colour(within, "--received")), series("Sent", colour(within, "--sent"))],
  };
}

export interface Chart {
  show(samples: readonly Sample[]): void;
  remove(): void;
}

/**
 * As wide as `within`, also when that changes, in the colours of the theme that there is now.
 * @param amount words for bytes a second: handed in, because a module that both need would be one more file before the first table
 */
export function drawChart(
  within: HTMLElement,
  samples: readonly Sample[],
  amount: (rate: number) => string,
): Chart {
  const made = new uPlot(optionsFor(within, amount), dataOf(samples), within);
  const resized = new ResizeObserver(() => made.setSize({ width: within.clientWidth, height }));
  resized.observe(within);
  return {
    show: (all) => made.setData(dataOf(all)),
    remove() {
      resized.disconnect();
      made.destroy();
    },
  };
}
