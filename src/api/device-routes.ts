/** The devices. */
import { createRoute } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { type Mac, parseMac } from "../base/mac.ts";
import { identityName } from "../plan/marks.ts";
import type { Api, ApiParts } from "./api.ts";
import { deviceDetail, deviceList, done, macParam, statusQuery } from "./contract.ts";
import { change, errors, json } from "./routes.ts";
import { deviceDetailJson, deviceJson } from "./views.ts";

const routes = {
  list: createRoute({
    method: "get",
    path: "/devices",
    request: { query: statusQuery },
    responses: { 200: json(deviceList, "The devices"), ...errors(400) },
  }),
  one: createRoute({
    method: "get",
    path: "/devices/{mac}",
    request: { params: macParam },
    responses: { 200: json(deviceDetail, "The device"), ...errors(400, 404) },
  }),
  retry: change({
    method: "post",
    path: "/devices/{mac}/retry",
    request: { params: macParam },
    responses: { 200: json(done, "Asked anew"), ...errors(400, 404, 409) },
  }),
  forget: change({
    method: "delete",
    path: "/devices/{mac}",
    request: { params: macParam },
    responses: { 200: json(done, "Forgotten"), ...errors(400, 404) },
  }),
} as const;

export function addDevices(app: Api, { inspection, counters }: ApiParts): void {
  app.openapi(routes.list, (c) => {
    const { status } = c.req.valid("query");
    const devices = inspection.devices().filter((d) => status === "all" || d.status === status);
    return c.json({ total: devices.length, devices: devices.map(deviceJson) }, 200);
  });
  app.openapi(routes.one, async (c) => {
    const mac = macOf(c.req.valid("param").mac);
    if (!inspection.device(mac)) throw missing(mac);
    const [all, use] = await Promise.all([counters(), inspection.proxy?.use()]);
    const detail = deviceDetailJson(inspection, mac, all.get(identityName(mac)), use?.checks);
    if (!detail) throw missing(mac);
    return c.json(detail, 200);
  });
  app.openapi(routes.retry, (c) => {
    const mac = macOf(c.req.valid("param").mac);
    if (!inspection.device(mac)) throw missing(mac);
    const why = inspection.retry(mac);
    if (why) throw new HTTPException(409, { message: why });
    return c.json({ message: `the servers are asked anew for ${mac}` }, 200);
  });
  app.openapi(routes.forget, (c) => {
    const mac = macOf(c.req.valid("param").mac);
    if (!inspection.forget(mac)) throw missing(mac);
    return c.json({ message: `${mac} is forgotten; if it is still there it comes back by itself` }, 200);
  });
}

const missing = (mac: Mac): HTTPException => new HTTPException(404, { message: `there is no device ${mac}` });

/** Whichever way people write it. */
function macOf(text: string): Mac {
  const parsed = parseMac(text.toLowerCase().replaceAll("-", ":"));
  if (parsed.ok) return parsed.value;
  throw new HTTPException(400, { message: `not a MAC such as 02:00:5e:10:00:01: ${parsed.error}` });
}
