/** Puts the API on its addresses and on the Unix socket; part of the composition root. */
import { hostname } from "node:os";
import { type AdjustableLevels, createApi, type Way } from "../api/api.ts";
import type { Gateway } from "../app/gateway.ts";
import type { HookCounts } from "../app/hooks/deliveries.ts";
import { messageOf } from "../base/errors.ts";
import type { ForwardStore } from "../config/forwards-edit.ts";
import type { InboundStore } from "../config/inbound-edit.ts";
import type { Config } from "../config/schema.ts";
import { conntrackTable, interfaceCounters } from "../io/counters.ts";
import { type HttpPlace, HttpServer } from "../io/http-server.ts";
import { loopLag } from "../io/loop-lag.ts";
import { sameSecret, tokenFrom } from "../io/secret.ts";
import { vitals } from "../io/vitals.ts";
import { readWebFiles } from "../io/web-files.ts";
import type { Log } from "../ports/log.ts";
import { apiSocket } from "./files-of.ts";

export interface ServeApiParts {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly log: Log;
  readonly logLevels: AdjustableLevels;
  readonly version: string;
  readonly hooks: () => readonly HookCounts[];
  readonly withForwards: <T>(task: (store: ForwardStore) => Promise<T>) => Promise<T>;
  readonly withInbound: <T>(task: (store: InboundStore) => Promise<T>) => Promise<T>;
}

export const tokenFile = ({ api, state }: Config): string => api.token_file || `${state.directory}/api-token`;

/** Never throws: devices are served whether or not anybody can look. */
export async function serveApi(parts: ServeApiParts): Promise<{ stop(): Promise<void> }> {
  const { config, gateway, log } = parts;
  const { inspection } = gateway;
  const troubles = new Map<string, string>();
  const trouble = (of: string, sentence: string | undefined): void => {
    if (sentence) {
      log.warn(`API ${sentence}`);
      troubles.set(of, `The API ${sentence}`);
    } else troubles.delete(of);
    inspection.tellApi([...troubles.values()]);
  };
  const token = await tokenFrom(tokenFile(config)).catch((thrown: unknown) => {
    trouble("token", `takes changes by its Unix socket alone: ${messageOf(thrown)}`);
    return undefined;
  });
  const pages = await readWebFiles(import.meta.url).catch((thrown: unknown) => {
    trouble("pages", `has no dashboard: ${messageOf(thrown)}`);
    return new Map<string, never>();
  });
  const name = hostname();
  const { app, events } = createApi({
    ...parts,
    inspection,
    counters: interfaceCounters,
    conntrack: conntrackTable,
    vitals,
    loopLag,
    pages,
    token,
    sameSecret,
    perDevice: config.api.device_metrics,
    openReading: config.api.open_reading,
    hostnames: [name, `${name}.lan`, `${name}.local`],
  });
  const servers = placesOf(config).map(([place, way]) => {
    const of = JSON.stringify(place);
    const { fetch } = app(way);
    return new HttpServer({ fetch, place, onTrouble: (sentence) => trouble(of, sentence) });
  });
  await Promise.all(servers.map((server) => server.start()));
  const lan = config.api.listen.includes("lan") ? config.lan.address.ip : "localhost";
  log.info(`API on http://${lan}:${config.api.port}`, { token: tokenFile(config) });
  return {
    async stop() {
      events.stop();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function placesOf(config: Config): readonly (readonly [HttpPlace, Way])[] {
  const { listen, port } = config.api;
  const addresses = [
    ...(listen.includes("lan") ? [config.lan.address.ip] : []),
    ...(listen.includes("localhost") ? ["127.0.0.1", "::1"] : []),
  ];
  return [
    ...addresses.map((address) => [{ address, port, optional: address === "::1" }, "tcp"] as const),
    [{ path: apiSocket(config) }, "socket"] as const,
  ];
}
