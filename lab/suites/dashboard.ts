/** What the scenarios about the dashboard share. */

import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { type LabBrowser, startBrowser } from "../browser.ts";
import type { Device } from "../devices.ts";
import { projectFile } from "../paths.ts";
import type { Lab } from "../topology.ts";
import { lanAddress } from "./api.ts";

export const origin = `http://${lanAddress}:5050`;
export const desktop = { width: 1280, height: 800 };
export const phone = { width: 375, height: 780 };

const screens = projectFile("lab-results/dashboard");
const axeSource = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const patienceMs = 15_000;

/** A browser on a device's screen. Whatever its pages complain of fails the scenario at the end. */
export async function withBrowser(
  lab: Lab,
  device: Device,
  at: string,
  body: (browser: LabBrowser) => Promise<void>,
): Promise<void> {
  const browser = await startBrowser(device.namespace, lab.directory, at);
  try {
    await body(browser);
    expect(browser.complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}

/** A page of the dashboard, as `#/health`. */
export async function openPage(
  browser: LabBrowser,
  options: Parameters<LabBrowser["page"]>[0],
  hash = "",
): Promise<Page> {
  const page = await browser.page({ viewport: desktop, ...options });
  page.setDefaultTimeout(patienceMs);
  await page.goto(`${origin}/${hash}`);
  return page;
}

export const rowOf = (page: Page, mac: string): Locator => page.locator("tbody tr", { hasText: mac });
export const button = (page: Page, name: string | RegExp): Locator => page.getByRole("button", { name });
export const follow = (page: Page, name: string): Promise<void> =>
  page.getByRole("navigation").getByRole("link", { name }).click();

/** Waits for a text in the page. */
export const shows = (within: Page | Locator, text: string | RegExp, timeoutMs = patienceMs): Promise<void> =>
  within.getByText(text).first().waitFor({ timeout: timeoutMs });

export async function token(lab: Lab): Promise<string> {
  return (await readFile(join(lab.gateway.directory, "state", "api-token"), "utf8")).trim();
}

/** Keeps what the page looks like in lab-results/dashboard/NAME.png. */
export async function keepScreen(page: Page, name: string): Promise<void> {
  await mkdir(screens, { recursive: true });
  await page.screenshot({ path: join(screens, `${name}.png`), fullPage: true });
}

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** No serious or critical finding of axe-core, and nothing that makes the page wider than its window. */
export async function expectUsable(page: Page, what: string): Promise<void> {
  // Not as a script of the page, which its content security policy refuses.
  await page.evaluate(await readFile(axeSource, "utf8"));
  const { violations, passes } = (await page.evaluate("axe.run()")) as {
    readonly violations: readonly Finding[];
    readonly passes: readonly Finding[];
  };
  const grave = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html}`);
  expect(grave).toEqual([]);
  expect(passes.length).toBeGreaterThan(10);
  expect(passes.map(({ id }) => id)).toContain("color-contrast");
  const [content, window] = (await page.evaluate(
    "[document.documentElement.scrollWidth, innerWidth]",
  )) as number[];
  expect(content, `${what} scrolls sideways`).toBeLessThanOrEqual(window ?? 0);
}
