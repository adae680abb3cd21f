/** Asking the gateway's API, from the LAN, from the gateway itself, or by its Unix socket. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Namespace } from "../netns.ts";
import { projectFile } from "../paths.ts";
import type { Lab } from "../topology.ts";

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  /** Instead of a body, so much without a length. */
  readonly megabytes?: number;
  /** Stop reading after so long. */
  readonly readMs?: number;
  /** Stop once this regular expression matches what came. */
  readonly until?: string;
}

export interface ApiAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly error?: string;
  readonly sent?: number;
}

export const apiConfig = { api: { enabled: true } };
export const lanAddress = "192.168.1.1";

/** One after the other, or all at once. To the LAN address unless told otherwise. */
export async function askAll(
  from: Namespace,
  requests: readonly ApiRequest[],
  atOnce = false,
): Promise<readonly ApiAnswer[]> {
  const whole = requests.map(({ body, headers, ...rest }) => ({
    ...(rest.socketPath ? {} : { host: lanAddress, port: 5050 }),
    ...rest,
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }));
  const { stdout } = await from.run([process.execPath, projectFile("lab/programs/request.mjs")], {
    input: JSON.stringify({ requests: whole, atOnce }),
    // Thousands take their time where processors are shared.
    timeoutMs: 120_000,
  });
  return (JSON.parse(stdout) as { readonly answers: readonly ApiAnswer[] }).answers;
}

export async function ask(from: Namespace, request: ApiRequest): Promise<ApiAnswer> {
  const [answer = {}] = await askAll(from, [request]);
  return answer;
}

/** The body of an answer that must be good. */
export async function askJson<T>(from: Namespace, request: ApiRequest): Promise<T> {
  const answer = await ask(from, request);
  if (!answer.status || answer.status >= 300)
    throw new Error(
      `${request.method ?? "GET"} ${request.path}: ${answer.status ?? answer.error} ${answer.body}`,
    );
  return JSON.parse(answer.body ?? "") as T;
}

export const socketOf = (lab: Lab): string => join(lab.gateway.directory, "run", "api.sock");

/** The header that changes need. */
export async function bearer(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const token = (await readFile(join(lab.gateway.directory, "state", "api-token"), "utf8")).trim();
  return { Authorization: `Bearer ${token}` };
}
