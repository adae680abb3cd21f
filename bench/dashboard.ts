/** The dashboard with many devices: how long the list takes, the first table, and the browser's longest tasks while devices change. Run it as bench/dashboard. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { type CrowdServer, crowdOrigin, startCrowd } from "../lab/crowd-server.ts";
import { Namespace } from "../lab/netns.ts";
import { sleep, waitFor } from "../lab/wait.ts";
import { median } from "./lib/figures.ts";
import { publish, type Table } from "./lib/report.ts";

const { values } = parseArgs({
  options: {
    devices: { type: "string", default: "1000" },
    changes: { type: "string", default: "50" },
    seconds: { type: "string", default: "20" },
    runs: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const devices = Number(values.devices);
const changes = Number(values.changes);
const seconds = Number(values.seconds);
const runs = Number(values.runs);

/** In every page, before its own scripts. */
const watch = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask", buffered: true });
  new MutationObserver((_, observer) => {
    if (!document.querySelector("tbody th")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => (globalThis.firstTable = performance.now())));
  }).observe(document, { childList: true, subtree: true });
`;
const watchEmpty = `
  addEventListener("DOMContentLoaded", () =>
    requestAnimationFrame(() => setTimeout(() => (globalThis.firstTable = performance.now()))));
`;
/** Longer than the list is kept for those who ask again at once. */
const listTime = `
  (async () => {
    await new Promise((done) => setTimeout(done, 400));
    const begin = performance.now();
    const answer = await (await fetch("/devices", { cache: "no-store" })).arrayBuffer();
    return [performance.now() - begin, answer.byteLength];
  })()
`;

async function open({ browser }: CrowdServer): Promise<Page> {
  const page = await browser.page({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(watch);
  await page.goto(crowdOrigin);
  // Not `waitForFunction`, which the page's content security policy refuses.
  await waitFor("the first table", () => page.evaluate("globalThis.firstTable"), { timeoutMs: 30_000 });
  return page;
}

const longTasks = async (page: Page): Promise<readonly number[]> =>
  (await page.evaluate("longTasks")) as number[];

/** Milliseconds from the start of loading, with nothing in the page's cache. The browser itself has just started: its first page does not count. */
async function firstTables(crowd: CrowdServer): Promise<number[]> {
  const times: number[] = [];
  await (await open(crowd)).context().close();
  for (let run = 0; run < runs; run++) {
    const page = await open(crowd);
    times.push(Number(await page.evaluate("firstTable")));
    await page.context().close();
  }
  return times;
}

/** The same of a page of the same server that has nothing in it: what the browser and the machine take by themselves. */
async function emptyPages({ browser }: CrowdServer): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const page = await browser.page({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(watchEmpty);
    await page.goto(`${crowdOrigin}/health`);
    await waitFor("the empty page", () => page.evaluate("globalThis.firstTable"), { timeoutMs: 30_000 });
    times.push(Number(await page.evaluate("firstTable")));
    await page.context().close();
  }
  return times;
}

/** Reads, scrolls and searches like somebody at the desk, for so long. */
async function useIt(page: Page): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  for (let n = 0; performance.now() < end; n++) {
    await page.mouse.wheel(0, n % 10 < 8 ? 600 : -2_400);
    if (n % 10 === 9) await page.getByRole("searchbox").fill(n % 20 === 9 ? "printer" : "");
    await sleep(150);
  }
}

const directory = await mkdtemp(join(tmpdir(), "bench-dashboard-"));
const desk = await Namespace.create("desk");
const crowd = await startCrowd(desk, directory, devices);
const first = await firstTables(crowd);
const empty = await emptyPages(crowd);
const page = await open(crowd);
const lists: [ms: number, bytes: number][] = [];
for (let n = 0; n < runs * 2; n++) lists.push((await page.evaluate(listTime)) as [number, number]);
const loading = await longTasks(page);
crowd.change(changes);
await page.evaluate("longTasks.length = 0");
await useIt(page);
const changing = await longTasks(page);
const listsChanging: number[] = [];
for (let n = 0; n < runs * 2; n++) listsChanging.push(((await page.evaluate(listTime)) as [number])[0]);
await crowd.stop();
await desk.remove();
await rm(directory, { recursive: true, force: true });

const ms = (figure: number): string => `${figure.toFixed(0)} ms`;
const row = (what: string, figures: readonly number[]): readonly string[] => [
  what,
  figures.length === 0 ? "none" : ms(median(figures)),
  figures.length === 0 ? "none" : ms(Math.max(...figures)),
];
const table: Table = [
  [`${devices} DEVICES`, "MEDIAN", "LONGEST"],
  row(
    "/devices, as the browser has it",
    lists.map(([time]) => time),
  ),
  row(`the same while ${changes} devices a second change`, listsChanging),
  row("first table in the page, nothing cached", first),
  row("a page of the same server with nothing in it", empty),
  row("tasks over 50 ms while the page loads", loading),
  row(`tasks over 50 ms in ${seconds} s of ${changes} changes a second`, changing),
];
const report = {
  title: "Dashboard",
  about: [
    `Made-up devices behind the real API, in Chromium without a window; ${runs} times loaded. The server shares the processors with the browser.`,
    "While devices change the list is scrolled and searched.",
    `${changing.filter((task) => task > 200).length} tasks took longer than 200 ms; the list has ${Math.round((lists[0]?.[1] ?? 0) / 1_000)} kB.`,
  ],
  tables: [table],
};
await publish(
  report,
  { devices, changes, seconds, lists, listsChanging, first, empty, loading, changing },
  values.json,
);
process.exit(0);
