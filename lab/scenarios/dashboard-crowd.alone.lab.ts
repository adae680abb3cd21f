/** The dashboard with a thousand devices: made-up ones behind the real API. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { type CrowdServer, crowdOrigin, startCrowd } from "../crowd-server.ts";
import { scenario } from "../scenario.ts";
import { crowdMac } from "../suites/crowd.ts";
import { desktop, expectUsable, keepScreen, phone, shows } from "../suites/dashboard.ts";
import type { Lab } from "../topology.ts";

const count = 1_000;

async function withCrowd(lab: Lab, body: (crowd: CrowdServer) => Promise<void>): Promise<void> {
  const crowd = await startCrowd(lab.gateway.namespace, lab.directory, count);
  try {
    await body(crowd);
    expect(crowd.browser.complaints).toEqual([]);
  } finally {
    await crowd.stop();
  }
}

/** Scrolls to the end, a screen at a time. Gives which devices were in the page at some time, and how many at most at once. */
async function scrollThrough(page: Page): Promise<{ seen: Set<string>; most: number }> {
  const seen = new Set<string>();
  let most = 0;
  for (let n = 0; n < 1_000; n++) {
    const macs = await page.locator("tbody th").allInnerTexts();
    most = Math.max(most, macs.length);
    for (const mac of macs) seen.add(mac);
    const more = await page.evaluate(
      "new Promise((done) => { const before = scrollY; scrollBy({ top: innerHeight, behavior: 'instant' }); requestAnimationFrame(() => requestAnimationFrame(() => done(scrollY > before))); })",
    );
    if (!more) return { seen, most };
  }
  throw new Error("the list has no end");
}

for (const [name, viewport] of [
  ["desk", desktop],
  ["phone", phone],
] as const)
  scenario(
    `a thousand devices are listed on a ${name}, of which few are in the page at a time`,
    {},
    async (lab) => {
      await withCrowd(lab, async ({ browser }) => {
        const page = await browser.page({ viewport });
        await page.goto(crowdOrigin);
        await page.locator("tbody th").first().waitFor();
        expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe(String(count + 1));
        const { seen, most } = await scrollThrough(page);
        expect(seen.size).toBe(count);
        expect(most).toBeLessThan(80);
        await keepScreen(page, `crowd-end-${name}`);
        await expectUsable(page, `crowd-${name}`);

        await page.evaluate("scrollTo({ top: scrollY / 2, behavior: 'instant' })");
        await expect.poll(() => page.locator("tbody th").count()).toBeGreaterThan(20);
        const at = await page.evaluate("scrollY");
        await page.evaluate("document.querySelectorAll('tbody th a')[20].click()");
        await shows(page, "What happened");
        expect(await page.evaluate("scrollY")).toBe(0);
        await page.goBack();
        await page.locator("tbody th").first().waitFor();
        const moved = async (): Promise<number> =>
          Math.abs(Number(await page.evaluate("scrollY")) - Number(at));
        await expect.poll(moved, { message: "where it was left", timeout: 5_000 }).toBeLessThan(60);

        await page.getByRole("searchbox").fill(crowdMac(777).toUpperCase());
        await expect.poll(() => page.locator("tbody th").allInnerTexts()).toEqual([crowdMac(777)]);
      });
    },
  );

scenario("an open page asks far less than the API admits, whatever changes", {}, async (lab) => {
  await withCrowd(lab, async ({ browser, change }) => {
    const page = await browser.page({ viewport: desktop });
    const asked: string[] = [];
    const statuses = new Set<number>();
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    page.on("response", (response) => statuses.add(response.status()));
    await page.goto(`${crowdOrigin}/#/devices/${crowdMac(1)}`);
    await shows(page, "What happened");
    change(50);
    const polls = (): number => asked.filter((path) => path === `/devices/${crowdMac(1)}`).length;
    await expect.poll(polls, { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
    // Five looks at two seconds each: the page itself, the list, one stream, and these.
    expect(asked.length).toBeLessThan(15);
    expect(asked.filter((path) => path === "/events")).toHaveLength(1);
    expect([...statuses]).toEqual([200]);
    await page.getByRole("heading", { level: 1, name: "printer-1" }).waitFor();
  });
});
