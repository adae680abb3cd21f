/** Which messages the log takes, changed while it runs. */
import { createRoute } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { type LogLevels, levelOf, logAreas } from "../base/log-areas.ts";
import type { Api, ApiParts } from "./api.ts";
import { logLevelChange, logLevelsShown } from "./contract.ts";
import { body, change, errors, json } from "./routes.ts";

const routes = {
  show: createRoute({
    method: "get",
    path: "/log-levels",
    responses: { 200: json(logLevelsShown, "Those in force"), ...errors() },
  }),
  set: change({
    method: "put",
    path: "/log-levels",
    request: body(logLevelChange),
    responses: { 200: json(logLevelsShown, "Those in force now"), ...errors(400) },
  }),
} as const;

export function addLogLevels(app: Api, { logLevels, log }: ApiParts): void {
  app.openapi(routes.show, (c) => c.json(shown(logLevels.levels), 200));
  app.openapi(routes.set, (c) => {
    const { area, level } = c.req.valid("json");
    if (area) logLevels.setArea(area, level === "default" ? undefined : level);
    else if (level !== "default") logLevels.setLevel(level);
    else throw new HTTPException(400, { message: 'level "default" is for an area: name one' });
    log.info(`Log level of ${area ?? "all areas"} is ${level}`);
    return c.json(shown(logLevels.levels), 200);
  });
}

const shown = (levels: LogLevels) => ({
  level: levels.level,
  areas: Object.fromEntries(logAreas.map((area) => [area, levelOf(levels, area)])),
});
