/** The dashboard's files: served before anybody is asked for a token, as they tell nothing of the gateway. */
import type { Context, MiddlewareHandler } from "hono";
import { accepts } from "hono/accepts";

/** One file, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  /** Its name changes with its content. */
  readonly lasting: boolean;
}

/** By path; `/` is the page itself. Nothing but these is ever served. */
export type Pages = ReadonlyMap<string, PageFile>;

/** At `/` browsers get the page; whoever does not ask for HTML gets the index as JSON (RFC 9110 section 12.5.1). */
export function servePages(pages: Pages): MiddlewareHandler {
  return async (c, next) => {
    const file = c.req.method === "GET" || c.req.method === "HEAD" ? pages.get(c.req.path) : undefined;
    if (!file) return next();
    if (c.req.path !== "/" || wantsHtml(c)) return send(c, file);
    await next();
    c.header("Vary", "Accept");
  };
}

const wantsHtml = (c: Context): boolean =>
  accepts(c, {
    header: "Accept",
    supports: ["application/json", "text/html"],
    default: "application/json",
  }) === "text/html";

function send(c: Context, file: PageFile): Response {
  const headers = {
    "Content-Type": file.type,
    ETag: file.etag,
    "Cache-Control": file.lasting ? "public, max-age=31536000, immutable" : "no-cache",
    Vary: c.req.path === "/" ? "Accept, Accept-Encoding" : "Accept-Encoding",
  };
  if (c.req.header("If-None-Match")?.includes(file.etag)) return c.body(null, 304, headers);
  const gzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?(\s|,|$))/i.test(c.req.header("Accept-Encoding") ?? "");
  return gzip
    ? c.body(file.gzipped, 200, { ...headers, "Content-Encoding": "gzip" })
    : c.body(file.bytes, 200, headers);
}
