/** The gateway as a whole: health, status, events, export. */
import { createRoute, z } from "@hono/zod-openapi";
import { formatWall } from "../base/time.ts";
import type { Api, ApiParts } from "./api.ts";
import {
  cleared,
  confirmation,
  eventsQuery,
  exported,
  health,
  index,
  limitQuery,
  plan,
  recentList,
  status,
} from "./contract.ts";
import type { Events } from "./events.ts";
import { addressOf } from "./guards.ts";
import type { Metrics } from "./metrics.ts";
import { body, change, errors, json } from "./routes.ts";
import { devicesByMac, healthJson, planJson, recentJson, statusJson } from "./views.ts";

const endpoints = {
  "GET /health": "whether the gateway is well",
  "GET /status": "all of it",
  "GET /devices": "the devices; ?status= one of pending, discovering, active, inactive, failed, all",
  "GET /devices/{mac}": "one device, with its leases, counters and what happened to it",
  "POST /devices/{mac}/retry": "ask the servers for it anew",
  "DELETE /devices/{mac}": "give its leases back and forget it",
  "GET /port-forwards": "the manual forwards",
  "POST /port-forwards": "add one",
  "DELETE /port-forwards": "remove one: ?protocol=tcp&port=8081",
  "GET /ipv6-forwards": "devices that are open as a whole",
  "PUT /ipv6-forwards": "open one, or close it again: address, inbound, from",
  "GET /events": "changes as they happen (server-sent events)",
  "GET /timeline": "what happened last to all devices; ?limit= so many",
  "GET /plan": "what the gateway would change in the kernel now",
  "GET /log-levels": "which messages the log takes",
  "PUT /log-levels": "change that until the next start: area and level",
  "GET /metrics": "for Prometheus",
  "GET /openapi.json": "this API, described",
  "POST /admin/export": "all devices, for registering their MACs",
  "POST /admin/clear-cache": "forget all devices; those that are there come back",
} as const;

const routes = {
  index: createRoute({
    method: "get",
    path: "/",
    responses: { 200: json(index, "What there is"), ...errors() },
  }),
  health: createRoute({
    method: "get",
    path: "/health",
    responses: { 200: json(health, "Health"), ...errors() },
  }),
  status: createRoute({
    method: "get",
    path: "/status",
    responses: { 200: json(status, "Status"), ...errors() },
  }),
  events: createRoute({
    method: "get",
    path: "/events",
    request: { query: eventsQuery },
    responses: {
      200: {
        description:
          "Events `hello`, `device` (a Device), `device-removed` and `problems`, with ?timeline=true also `timeline` (a RecentEntry); a comment every 15 s",
        content: { "text/event-stream": { schema: { type: "string" } } },
      },
      ...errors(400, 503),
    },
  }),
  timeline: createRoute({
    method: "get",
    path: "/timeline",
    request: { query: limitQuery },
    responses: { 200: json(recentList, "The last of all devices"), ...errors(400) },
  }),
  plan: createRoute({
    method: "get",
    path: "/plan",
    responses: { 200: json(plan, "What would be done; nothing is"), ...errors(503) },
  }),
  metrics: createRoute({
    method: "get",
    path: "/metrics",
    responses: {
      200: {
        description: "The text format of Prometheus",
        content: { "text/plain": { schema: z.string() } },
      },
    },
  }),
  export: change({
    method: "post",
    path: "/admin/export",
    responses: { 200: json(exported, "All devices"), ...errors() },
  }),
  clear: change({
    method: "post",
    path: "/admin/clear-cache",
    request: body(confirmation),
    responses: { 200: json(cleared, "Forgotten"), ...errors(400) },
  }),
} as const;

export function addGeneral(
  app: Api,
  { inspection, version, vitals }: ApiParts,
  events: Events,
  metrics: Metrics,
): void {
  app.openapi(routes.index, (c) => c.json({ name: "ipv4-ipv6-gateway", version, endpoints }, 200));
  app.openapi(routes.health, (c) => c.json(healthJson(inspection, version, vitals()), 200));
  app.openapi(routes.status, (c) => c.json(statusJson(inspection, version, vitals()), 200));
  app.openapi(routes.events, (c) => {
    const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };
    // Of an answer without a body nobody would ever end the stream.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const stream = events.open(addressOf(c), c.req.valid("query").timeline === "true");
    if (!stream) return c.json({ error: "too many listen to events already" }, 503);
    return c.body(stream, 200, headers);
  });
  app.openapi(routes.timeline, (c) => {
    const entries = inspection.recent(c.req.valid("query").limit).map((one) => recentJson(inspection, one));
    return c.json({ total: entries.length, entries }, 200);
  });
  app.openapi(routes.plan, async (c) =>
    c.json(planJson(await inspection.prospect(), inspection.clock.wall()), 200),
  );
  app.openapi(routes.metrics, async (c) =>
    c.text(await metrics.render(), 200, { "Content-Type": metrics.contentType }),
  );
  app.openapi(routes.export, (c) => {
    const devices = inspection.devices();
    const exported_at = formatWall(inspection.clock.wall());
    return c.json({ exported_at, device_count: devices.length, devices: devicesByMac(devices) }, 200);
  });
  app.openapi(routes.clear, (c) => {
    const macs = inspection.devices().map((d) => d.mac_address);
    for (const mac of macs) inspection.forget(mac);
    const message = "all devices are forgotten; those that are there come back by themselves";
    return c.json({ message, status: "success" as const, cleared_devices: macs.length }, 200);
  });
}
