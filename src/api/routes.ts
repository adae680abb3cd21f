/** The parts that routes are described with. */
import { createRoute, type RouteConfig, type z } from "@hono/zod-openapi";
import { failure } from "./contract.ts";

const reasons: Readonly<Record<number, string>> = {
  400: "Something in the request cannot be",
  401: "The token is missing or wrong",
  403: "A page of another site, or a foreign name, led here",
  404: "There is no such thing",
  409: "It cannot be now; the error says why",
  413: "The request's body is too long",
  429: "Too many requests",
  500: "The gateway failed at it; its log says more",
  503: "The gateway cannot do it now",
};

export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

export const body = <S extends z.ZodType>(schema: S) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

/** Whatever is asked for may be refused for these. */
const always = [401, 403, 413, 429, 500];

export const errors = <const C extends readonly number[]>(...codes: C) =>
  Object.fromEntries(
    [...always, ...codes].map((code) => [code, json(failure, reasons[code] ?? "")]),
  ) as Record<C[number], ReturnType<typeof json<typeof failure>>>;

/** A route that changes something: it needs the token, or the Unix socket. */
export const change = <const R extends RouteConfig>(route: R) =>
  createRoute({ ...route, security: [{ token: [] }] });
