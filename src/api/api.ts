/** The HTTP API: what the gateway shows, and what may be asked of it. Schemas: contract.ts; who may: guards.ts. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { HookCounts } from "../app/hooks/deliveries.ts";
import type { Inspection } from "../app/inspection.ts";
import { GatewayError, messageOf } from "../base/errors.ts";
import type { LogArea, LogLevel, LogLevels } from "../base/log-areas.ts";
import type { ForwardStore } from "../config/forwards-edit.ts";
import type { InboundStore } from "../config/inbound-edit.ts";
import { cutMiddle, printable } from "../config/quote.ts";
import type { Log } from "../ports/log.ts";
import { addDevices } from "./device-routes.ts";
import { Events } from "./events.ts";
import { addForwards } from "./forward-routes.ts";
import { addGeneral } from "./general-routes.ts";
import { checkSource, checkToken, type GuardParts, limitRate } from "./guards.ts";
import { addInbound } from "./inbound-routes.ts";
import type { LoopLag } from "./instruments.ts";
import { addLogLevels } from "./log-routes.ts";
import { type Conntrack, Metrics } from "./metrics.ts";
import { type Pages, servePages } from "./pages.ts";
import type { Counters, Vitals } from "./views.ts";

export interface ApiParts extends GuardParts {
  readonly inspection: Inspection;
  readonly version: string;
  /** By interface. */
  readonly counters: () => Promise<ReadonlyMap<string, Counters>>;
  /** Undefined: the kernel does not tell. */
  readonly conntrack: () => Promise<Conntrack | undefined>;
  readonly loopLag: () => LoopLag;
  /** Of those outside who are told what happens. */
  readonly hooks: () => readonly HookCounts[];
  readonly log: Log;
  readonly logLevels: AdjustableLevels;
  readonly vitals: () => Vitals;
  /** The dashboard. */
  readonly pages: Pages;
  /** Metrics of each device too. */
  readonly perDevice: boolean;
  /** Gives the store to one task at a time on this machine. */
  readonly withForwards: <T>(task: (store: ForwardStore) => Promise<T>) => Promise<T>;
  /** The same of the devices that are open as a whole. */
  readonly withInbound: <T>(task: (store: InboundStore) => Promise<T>) => Promise<T>;
}

/** Which messages the log takes; a change lasts until the daemon ends. */
export interface AdjustableLevels {
  readonly levels: LogLevels;
  setLevel(level: LogLevel): void;
  /** Undefined: as the rest. */
  setArea(area: LogArea, level: LogLevel | undefined): void;
}

export type Api = OpenAPIHono;

/** Bytes of a request's body. */
const mostBody = 64 * 1024;

/** How a request came in: by TCP, or by the Unix socket that only the machine's administrator can open. */
export type Way = "tcp" | "socket";

/** One app for each way in, and the events they share. */
export function createApi(parts: ApiParts): { readonly app: (way: Way) => Api; readonly events: Events } {
  const events = new Events(parts.inspection);
  const metrics = new Metrics({ ...parts, listeners: () => events.listeners });
  return { app: (way) => buildApp(parts, events, metrics, way), events };
}

function buildApp(parts: ApiParts, events: Events, metrics: Metrics, way: Way): Api {
  const app: Api = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const [issue] = result.error.issues;
      const place = issue && issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
      return c.json({ error: tidy(`${place}${issue?.message ?? "not valid"}`) }, 400);
    },
  });
  app.onError((thrown, c) => {
    if (thrown instanceof HTTPException) return c.json({ error: tidy(thrown.message) }, thrown.status);
    if (thrown instanceof GatewayError && thrown.code === "forward-refused")
      return c.json({ error: tidy(thrown.message) }, 409);
    parts.log.error(`API ${c.req.method} ${c.req.path.slice(0, 100)}: ${messageOf(thrown)}`);
    return c.json({ error: tidy(messageOf(thrown)) }, thrown instanceof GatewayError ? 503 : 500);
  });
  app.notFound((c) => c.json({ error: "there is no such page: see /openapi.json" }, 404));
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'self'"], frameAncestors: ["'none'"] },
      crossOriginResourcePolicy: "same-origin",
      xFrameOptions: "DENY",
    }),
  );
  const pages = servePages(parts.pages);
  if (way === "tcp") app.use(checkSource(parts.hostnames), limitRate(), pages, checkToken(parts));
  else app.use(pages);
  app.use(
    bodyLimit({
      maxSize: mostBody,
      onError: (c) => c.json({ error: `no request has more than ${mostBody} bytes` }, 413),
    }),
  );
  addGeneral(app, parts, events, metrics);
  addDevices(app, parts);
  addForwards(app, parts);
  addInbound(app, parts);
  addLogLevels(app, parts);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  let described: unknown;
  app.get("/openapi.json", (c) => {
    described ??= app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "IPv4-IPv6 gateway", version: parts.version },
    });
    return c.json(described);
  });
  return app;
}

/** What others sent stands in these texts. */
const tidy = (text: string): string => cutMiddle(printable(text), 500);
