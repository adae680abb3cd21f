/** Adapter of ports/RuntimeSockets. */
import { connect } from "node:net";
import { GatewayError } from "../base/errors.ts";
import type { RuntimeSockets } from "../ports/runtime-socket.ts";

export interface AskLimits {
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly longestAnswer: number;
}

export const systemRuntimeSockets: RuntimeSockets = {
  ask: (path, line) => ask(path, line, { timeoutMs: 5_000, longestAnswer: 16 * 1024 * 1024 }),
};

export function ask(path: string, line: string, limits: AskLimits): Promise<string> {
  const socket = connect(path);
  let timer: NodeJS.Timeout | undefined;
  return new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (why: string): void =>
      reject(new GatewayError("socket-failed", "kernel", `${path}: ${why}`));
    timer = setTimeout(() => fail(`no answer within ${limits.timeoutMs} ms`), limits.timeoutMs);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limits.longestAnswer) fail(`an answer of more than ${limits.longestAnswer} octets`);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => reject(socketError(path, error)));
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
    // HAProxy's master closes only after us.
    socket.end(`${line}\n`);
  }).finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

const nobody = new Set(["ENOENT", "ECONNREFUSED"]);

function socketError(path: string, error: NodeJS.ErrnoException): GatewayError {
  return nobody.has(error.code ?? "")
    ? new GatewayError("socket-closed", "kernel", `nobody listens on ${path}`, undefined, { cause: error })
    : new GatewayError("socket-failed", "kernel", `${path}: ${error.message}`, undefined, { cause: error });
}
