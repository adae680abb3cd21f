import { Hono } from "hono";
import { expect, test } from "vitest";
import { type PageFile, servePages } from "./pages.ts";

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const file = (name: string, lasting: boolean): PageFile => ({
  type: "text/html; charset=utf-8",
  etag: `"${name}"`,
  bytes: encode(name),
  gzipped: encode(`${name}.gz`),
  lasting,
});

const app = new Hono();
app.use(
  servePages(
    new Map([
      ["/", file("page", false)],
      ["/web/app-1.js", file("app", true)],
    ]),
  ),
);
app.get("/", (c) => c.json({ name: "index" }));

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const get = (
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Response | Promise<Response> => app.request(path, { headers, method });

test("a browser gets the page at /", async () => {
  const answer = await get("/", { Accept: browser });
  expect(await answer.text()).toBe("page");
  expect(answer.headers.get("Vary")).toBe("Accept, Accept-Encoding");
  expect(answer.headers.get("Cache-Control")).toBe("no-cache");
});

test.each([undefined, "*/*", "application/json", "application/json, text/html;q=0.5", "text/plain"])(
  "whoever accepts %s gets the index",
  async (accept) => {
    const answer = await get("/", accept ? { Accept: accept } : {});
    expect(await answer.json()).toEqual({ name: "index" });
    expect(answer.headers.get("Vary")).toBe("Accept");
  },
);

test.each([
  ["gzip, deflate, br", "page.gz"],
  ["gzip;q=0.5", "page.gz"],
  ["gzip;q=0, br", "page"],
  ["gzip;q=0.0", "page"],
  ["br", "page"],
])("with Accept-Encoding %s it is %s", async (encoding, expected) => {
  const answer = await get("/", { Accept: browser, "Accept-Encoding": encoding });
  expect(await answer.text()).toBe(expected);
  expect(answer.headers.get("Content-Encoding")).toBe(expected === "page" ? null : "gzip");
});

test("HEAD has the same head and no body, and what the browser has is not sent again", async () => {
  const head = await get("/web/app-1.js", {}, "HEAD");
  expect([head.status, head.headers.get("ETag"), await head.text()]).toEqual([200, '"app"', ""]);
  expect(head.headers.get("Cache-Control")).toContain("immutable");
  const again = await get("/web/app-1.js", { "If-None-Match": 'W/"x", "app"' });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test.each([
  "/web/",
  "/web/app-2.js",
  "/web/../web/app-2.js",
  "/web/%2e%2e/secret",
  "/web/app-1.js/",
  "/index.html",
])("%s is no page", async (path) => {
  expect((await get(path, { Accept: browser })).status).toBe(404);
});

test("nothing is changed by asking for a page", async () => {
  expect((await get("/", { Accept: browser }, "POST")).status).toBe(404);
});
