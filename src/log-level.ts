/** Asks the running gateway which messages it logs, or to change that; by its Unix socket. Part of the composition root. */
import { request } from "node:http";
import { GatewayError } from "./base/errors.ts";
import type { Output } from "./cli/config-commands.ts";
import {
  changeOf,
  type LogLevelArguments,
  type LogLevelsJson,
  showLogLevels,
} from "./cli/log-level-command.ts";
import type { Config } from "./config/schema.ts";

const timeoutMs = 10_000;

export async function logLevel(config: Config, args: LogLevelArguments, output: Output): Promise<0> {
  const socket = `${config.state.runtime_directory}/api.sock`;
  const levels = await exchange(socket, args.level === undefined ? undefined : changeOf(args));
  showLogLevels(levels, args.area, output);
  return 0;
}

/** Errors: GatewayError "api-silent", "api-refused". */
function exchange(socketPath: string, change: unknown): Promise<LogLevelsJson> {
  const method = change === undefined ? "GET" : "PUT";
  const headers = { Host: "localhost", "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: "/log-levels", method, headers, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as LogLevelsJson);
        else
          reject(new GatewayError("api-refused", "operator", `the gateway refuses: ${text.slice(0, 300)}`));
      });
    });
    asked.on("error", ({ message }) =>
      reject(
        new GatewayError(
          "api-silent",
          "operator",
          `no gateway answers on ${socketPath}: ${message}`,
          "is it running, with api.enabled = true, and are you root?",
        ),
      ),
    );
    asked.end(change === undefined ? undefined : JSON.stringify(change));
  });
}
