/** Devices that are open as a whole (`gateway ipv6-forward`). */
import { createRoute } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { Inspection } from "../app/inspection.ts";
import { parseIp4 } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import { setInbound } from "../config/inbound-edit.ts";
import { type InboundChoice, parseSource } from "../config/inbound-file.ts";
import type { Api, ApiParts } from "./api.ts";
import { type InboundJson, inboundChoice, inboundList, inboundRequest } from "./contract.ts";
import { body, change, errors, json } from "./routes.ts";

const routes = {
  list: createRoute({
    method: "get",
    path: "/ipv6-forwards",
    responses: {
      200: json(inboundList, "What was decided about single devices, and is in force"),
      ...errors(),
    },
  }),
  set: change({
    method: "put",
    path: "/ipv6-forwards",
    request: body(inboundRequest),
    responses: { 200: json(inboundChoice, "What holds for the device now"), ...errors(400, 409, 503) },
  }),
} as const;

export function addInbound(app: Api, { inspection, withInbound }: ApiParts): void {
  app.openapi(routes.list, (c) => {
    const devices = inspection.inbound.map((one) => choiceJson(inspection, one));
    return c.json({ default: inspection.config.forwards.inbound, total: devices.length, devices }, 200);
  });
  app.openapi(routes.set, async (c) => {
    const { address, inbound, from } = c.req.valid("json");
    if (inbound === "ports" && from.length > 0)
      throw new HTTPException(400, { message: 'from: networks are named with inbound "all" only' });
    const wanted = { address: must(parseIp4(address)), inbound, from: from.map(networkOf) };
    await withInbound((store) => setInbound(inspection.config, store, wanted));
    return c.json(choiceJson(inspection, wanted), 200);
  });
}

function networkOf(text: string): string {
  const parsed = parseSource(text);
  if (parsed.ok) return parsed.value;
  throw new HTTPException(400, { message: `from: ${parsed.error}` });
}

function choiceJson(inspection: Inspection, { address, inbound, from }: InboundChoice): InboundJson {
  const mac = inspection.holder(address);
  const device = mac && inspection.device(mac);
  return {
    address,
    inbound,
    from: [...from],
    mac_address: mac ?? null,
    device_status: device?.status ?? null,
  };
}
