/** The description of the API is valid OpenAPI 3.1, and holds for what the API answers. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { createApi } from "../src/api/api.ts";
import { type Description, renderApiDocument } from "../src/api/document.ts";
import { seconds } from "../src/base/time.ts";
import { ip } from "../src/plan/sample.fixture.ts";
import { camera } from "./support/devices.ts";
import { GatewayBench } from "./support/gateway-bench.ts";

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One that extends another says so by `allOf`. */
interface Schema {
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
}

function required(schemas: Described["components"]["schemas"], schema: Schema | undefined): string[] {
  const { $ref, required: own = [], allOf = [] } = schema ?? {};
  const base = $ref ? required(schemas, schemas[$ref.split("/").at(-1) ?? ""]) : [];
  return [...own, ...base, ...allOf.flatMap((part) => required(schemas, part))].sort();
}

it("describes itself in valid OpenAPI, and answers what it describes", async () => {
  const bench = new GatewayBench();
  bench.server.addresses.set(camera, ip("192.0.2.10"));
  await bench.start();
  bench.comes(camera, ip("192.168.1.10"), "cam");
  await bench.clock.advance(seconds(10));
  let stored: string | undefined;
  const { app, events } = createApi({
    inspection: bench.gateway.inspection,
    version: "0.0.0",
    counters: async () => new Map(),
    conntrack: async () => undefined,
    loopLag: () => ({ min: 0, max: 0.02, mean: 0.01, stddev: 0, p50: 0.01, p90: 0.02, p99: 0.02 }),
    hooks: () => [],
    pages: new Map(),
    log: bench.log,
    logLevels: { levels: { level: "info", areas: {} }, setLevel() {}, setArea() {} },
    vitals: () => ({ memoryMegabytes: 1, threads: 1, pid: 1 }),
    perDevice: false,
    withForwards: () => Promise.reject(new Error("not here")),
    withInbound: (task) =>
      task({
        load: async () => stored,
        save: async (text) => {
          stored = text;
        },
      }),
    token: undefined,
    sameSecret: () => false,
    openReading: true,
    hostnames: [],
  });
  const get = async <T>(path: string): Promise<T> =>
    (await (await app("socket").request(`http://localhost${path}`)).json()) as T;
  const described = await get<Described>("/openapi.json");
  expect(described.openapi).toBe("3.1.0");
  const { valid, errors } = await new Validator().validate(
    structuredClone(described) as unknown as Record<string, unknown>,
  );
  expect([valid, errors]).toEqual([true, undefined]);
  expect(Object.keys(described.paths["/log-levels"] ?? {})).toEqual(["get", "put"]);

  const { endpoints } = await get<{ endpoints: Readonly<Record<string, string>> }>("/");
  await expect(renderApiDocument(described as unknown as Description, endpoints)).toMatchFileSnapshot(
    "../docs/api.md",
  );

  const { schemas } = described.components;
  const wanted = (name: string): string[] => required(schemas, schemas[name]);
  const list = await get<{ total: number; devices: [object] }>("/devices");
  expect(list.total).toBe(1);
  expect(Object.keys(list.devices[0]).sort()).toEqual(wanted("Device"));
  const detail = await get<{ forwards: { port: number }[] }>(`/devices/${camera}`);
  expect(Object.keys(detail).sort()).toEqual(wanted("DeviceDetail"));
  expect(Object.keys(detail.forwards[0] ?? {}).sort()).toEqual(wanted("Way"));
  expect(Object.keys(described.paths["/ipv6-forwards"] ?? {})).toEqual(["get", "put"]);
  const put = async (body: unknown): Promise<[number, unknown]> => {
    const headers = { "Content-Type": "application/json" };
    const question = { method: "PUT", headers, body: JSON.stringify(body) };
    const answer = await app("socket").request("http://localhost/ipv6-forwards", question);
    return [answer.status, await answer.json()];
  };
  const asked = { address: "192.168.1.10", inbound: "all", from: ["2001:db8::/32"] };
  const [code, choice] = await put(asked);
  expect([code, choice]).toMatchObject([200, { ...asked, mac_address: camera }]);
  expect(Object.keys(choice as object).sort()).toEqual(wanted("InboundChoice"));
  expect(JSON.parse(stored ?? "")).toEqual({ version: 1, devices: [asked] });
  expect(await put({ ...asked, from: ["2001:db8::1/32"] })).toMatchObject([
    400,
    { error: expect.stringContaining("2001:db8::/32") },
  ]);
  expect(await put({ ...asked, inbound: "ports" })).toMatchObject([400, {}]);
  expect(await put({ ...asked, address: "192.0.2.1" })).toMatchObject([409, {}]);
  expect(await put({ ...asked, inbound: "ports", from: [] })).toMatchObject([200, { inbound: "ports" }]);
  expect(JSON.parse(stored ?? "")).toEqual({ version: 1, devices: [] });
  expect(await get("/ipv6-forwards")).toEqual({ default: "ports", total: 0, devices: [] });
  events.stop();
  await bench.gateway.stop();
});
