/** The manual forwards. */
import { createRoute } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { parseIp4 } from "../base/ip4.ts";
import { must } from "../base/parsed.ts";
import { addForwards as addToFile, dropForward, loadForwards } from "../config/forwards-edit.ts";
import { nameOf } from "../config/forwards-file.ts";
import type { Api, ApiParts } from "./api.ts";
import { done, forward, forwardKey, forwardList, forwardRequest } from "./contract.ts";
import { body, change, errors, json } from "./routes.ts";
import { forwardsJson, holderJson } from "./views.ts";

const routes = {
  list: createRoute({
    method: "get",
    path: "/port-forwards",
    responses: { 200: json(forwardList, "Those in force"), ...errors() },
  }),
  add: change({
    method: "post",
    path: "/port-forwards",
    request: body(forwardRequest),
    responses: {
      200: json(forward, "It was there already"),
      201: json(forward, "Added"),
      ...errors(400, 409, 503),
    },
  }),
  remove: change({
    method: "delete",
    path: "/port-forwards",
    request: { query: forwardKey },
    responses: { 200: json(done, "Removed"), ...errors(400, 404, 503) },
  }),
} as const;

export function addForwards(app: Api, { inspection, withForwards }: ApiParts): void {
  const checks = async () => (await inspection.proxy?.use())?.checks;
  app.openapi(routes.list, async (c) => {
    const forwards = forwardsJson(inspection, await checks());
    return c.json({ total: forwards.length, forwards }, 200);
  });
  app.openapi(routes.add, async (c) => {
    const asked = c.req.valid("json");
    const wanted = { ...asked, address: must(parseIp4(asked.address)) };
    const known = await withForwards((store) => addToFile(inspection.config, store, [wanted]));
    return c.json(holderJson(inspection, wanted, await checks()), known.length > 0 ? 200 : 201);
  });
  app.openapi(routes.remove, async (c) => {
    const key = c.req.valid("query");
    await withForwards(async (store) => {
      const there = (await loadForwards(store)).find((f) => nameOf(f) === nameOf(key));
      if (!there) throw new HTTPException(404, { message: `there is no forward of ${nameOf(key)}` });
      await dropForward(store, there);
    });
    return c.json({ message: `${nameOf(key)} leads nowhere any more` }, 200);
  });
}
