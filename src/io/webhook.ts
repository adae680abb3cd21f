/** Adapter of ports/HookSink: an HTTP POST. Node's own client rather than `fetch`, which costs the daemon some megabytes more. */
import { createHmac, randomUUID } from "node:crypto";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { type HookMessage, HookRefusal, type HookSink } from "../ports/hooks.ts";

export interface WebhookOptions {
  /** http or https. */
  readonly url: string;
  /** For a whole exchange. */
  readonly timeoutMs: number;
  /** Signs the body; undefined: unsigned. */
  readonly secret: string | undefined;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: string;
  /** Seconds since 1970 UTC. */
  readonly now: () => number;
}

/** Waiting a little may help with these; other 4xx are a no. */
const worthAnotherTry = new Set([408, 425, 429]);

export function webhook(options: WebhookOptions): HookSink {
  const open = new Set<{ destroy(): void }>();
  const { url, timeoutMs } = options;
  const send = url.startsWith("https:") ? requestSecure : requestPlain;

  const post = (message: HookMessage, signal: AbortSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(message.body);
      const headers = { ...headersOf(message, options), "Content-Length": body.length };
      const request = send(url, { method: "POST", headers, signal, agent: false }, (response) => {
        resolve(response.statusCode ?? 0);
        // Whatever it has to say beyond that is of no use.
        response.destroy();
      });
      open.add(request);
      request.on("error", reject);
      request.on("close", () => open.delete(request));
      request.end(body);
    });

  return {
    name: "webhook",
    async deliver(message) {
      const signal = AbortSignal.timeout(timeoutMs);
      const status = await post(message, signal).catch((thrown: unknown) => {
        if (signal.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`);
        throw thrown;
      });
      if (status >= 200 && status < 300) return;
      const isNo = status >= 300 && status < 500 && !worthAnotherTry.has(status);
      throw isNo ? new HookRefusal(`it answers ${status}`) : new Error(`it answers ${status}`);
    },
    stop() {
      for (const request of open) request.destroy();
    },
  };
}

function headersOf({ event, body }: HookMessage, { secret, headers, agent, now }: WebhookOptions) {
  const timestamp = String(Math.floor(now()));
  const signature = secret && createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return {
    ...headers,
    "Content-Type": "application/json",
    "User-Agent": agent,
    "X-Gateway-Event": event,
    "X-Gateway-Delivery": randomUUID(),
    "X-Gateway-Timestamp": timestamp,
    ...(signature ? { "X-Gateway-Signature": `sha256=${signature}` } : {}),
  };
}
