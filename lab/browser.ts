/** Debian's Chromium in a namespace of the laboratory, driven from outside of it by playwright. */
import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Namespace } from "./netns.ts";

export interface LabBrowser {
  readonly browser: Browser;
  /** What pages complained of: exceptions, refused scripts and styles, and requests for other places. */
  readonly complaints: readonly string[];
  /** A page in a profile of its own. */
  page(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/**
 * Starts a browser in a namespace; playwright talks to it through pipes, which no namespace keeps apart. @param directory for its profile
 * @param origin of the only pages that may be asked for, as `http://192.168.1.1:5050`
 */
export async function startBrowser(
  namespace: Namespace,
  directory: string,
  origin: string,
): Promise<LabBrowser> {
  const home = await mkdtemp(join(directory, "browser-"));
  const start = join(home, "chromium-inside");
  await mkdir(join(home, "tmp"));
  await writeFile(start, `#!/bin/sh\nexec ${namespace.command(["chromium"]).join(" ")} "$@"\n`);
  await chmod(start, 0o755);
  const browser = await chromium.launch({
    executablePath: start,
    // All of the laboratory runs as root.
    args: ["--no-sandbox"],
    env: { ...process.env, HOME: home, TMPDIR: join(home, "tmp") },
  });
  const complaints: string[] = [];
  return {
    browser,
    complaints,
    page: async (options = {}) => {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(`${error.stack}`));
      page.on("console", (message) => {
        if (/content security policy/i.test(message.text())) complaints.push(message.text());
      });
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(`${origin}/`) && !url.startsWith("blob:")) complaints.push(`asked for ${url}`);
      });
      return page;
    },
    close: () => browser.close(),
  };
}
