import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildWeb } from "../scripts/build-web.mjs";
import { readWebFiles } from "../src/io/web-files.ts";

let directory = "";
const read = (name: string): Promise<string> => readFile(join(directory, "web", name), "utf8");

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dashboard-"));
  await buildWeb(join(import.meta.dirname, ".."), join(directory, "web"));
});
afterAll(() => rm(directory, { recursive: true }));

test("the dashboard is smaller than 150 KB on the wire, and its page alone needs only its own files", async () => {
  const names = (await readdir(join(directory, "web"))).filter((name) => name.endsWith(".gz"));
  expect(names.map((name) => name.replace(/-([0-9a-f]{10}|[0-9A-Z]{8})\./, ".")).sort()).toEqual([
    "app.css.gz",
    "app.js.gz",
    "chart-drawing.js.gz",
    "early.js.gz",
    "icon.svg.gz",
    "index.html.gz",
  ]);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, "web", name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(20_000);
  expect(total).toBeLessThan(150_000);
});

test("the chart is not read before one is shown, and what is read before the list is one file that asks for it", async () => {
  const names = await readdir(join(directory, "web"));
  const page = await read("index.html");
  expect(page).not.toContain("chart-drawing");
  const app = await read(names.find((name) => /^app-.*\.js$/.test(name)) ?? "");
  expect(app).toMatch(/import\("\.\/chart-drawing-[0-9A-Z]{8}\.js"\)/);
  expect(app).not.toMatch(/^import|[;}]import[^(]/);
  const early = await read(names.find((name) => /^early-.*\.js$/.test(name)) ?? "");
  expect(early.length).toBeLessThan(1_000);
});

test("nothing is loaded from elsewhere, and nothing that the content security policy forbids", async () => {
  const page = await read("index.html");
  const named = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path]) => path);
  expect(named).toHaveLength(4);
  for (const path of named) expect(path).toMatch(/^\/web\/[a-z]+-[0-9a-zA-Z]{8,10}\.(js|css|svg)$/);
  expect(page).not.toMatch(/<script>|<style|style=|{{/);
  const css = await read(named.find((path) => path?.endsWith(".css"))?.replace("/web/", "") ?? "");
  expect(css).not.toMatch(/url\(|@import/);
});

test("the program reads them from beside itself, or from beside its folder of chunks", async () => {
  const besides = await readWebFiles(`file://${directory}/gateway.js`);
  const chunk = await readWebFiles(`file://${directory}/chunks/serve-api.js`);
  expect([...chunk.keys()].sort()).toEqual([...besides.keys()].sort());
  expect(besides.size).toBe(6);
  for (const [path, { bytes, gzipped, lasting, etag }] of besides) {
    expect(gunzipSync(gzipped)).toEqual(Buffer.from(bytes));
    expect(lasting).toBe(path !== "/");
    expect(chunk.get(path)?.etag).toBe(etag);
  }
  await expect(readWebFiles(`file://${directory}/a/b/c/gateway.js`)).rejects.toThrow("no index.html");
});
