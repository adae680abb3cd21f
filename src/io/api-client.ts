/** Client of the gateway's own HTTP API: by its Unix socket; for reading also by TCP, where that socket cannot be opened. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { networkInterfaces } from "node:os";
import { GatewayError } from "../base/errors.ts";
import { readEvents, type ServerEvent } from "./server-events.ts";

export interface ApiPlaces {
  readonly socket: string;
  /** Tried one after the other, if they are this machine's own: nobody else may be asked. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface ApiLimits {
  /** For a whole exchange. */
  readonly timeoutMs: number;
  /** A stream that says nothing for so long is dead. */
  readonly silenceMs: number;
  /** Octets. */
  readonly longestAnswer: number;
}

const usual: ApiLimits = { timeoutMs: 10_000, silenceMs: 45_000, longestAnswer: 64 * 1024 * 1024 };

type Place = { readonly socketPath: string } | { readonly host: string; readonly port: number };
type Change = "POST" | "PUT" | "DELETE";
type Method = "GET" | Change;

/** Nobody answers there, or it is not for us: the next place may do. */
const elsewhere = new Set([
  ...["ENOENT", "ECONNREFUSED", "EACCES", "EPERM", "ENOTSOCK"],
  ...["EADDRNOTAVAIL", "ENETUNREACH"],
]);

export class ApiClient {
  readonly #places: ApiPlaces;
  readonly #limits: ApiLimits;

  constructor(places: ApiPlaces, limits: Partial<ApiLimits> = {}) {
    this.#places = places;
    this.#limits = { ...usual, ...limits };
  }

  /**
   * The answer's JSON.
   * Errors: GatewayError "api-silent" (nobody answers), "api-refused" (with what the gateway said), "api-failed" (an answer that is none).
   */
  get<T>(path: string): Promise<T> {
    return this.#first(this.#all(), (place) => this.#exchange<T>(place, "GET", path));
  }

  /** The same, of a request that changes something: by the Unix socket alone. Errors: also "no-rights". */
  change<T>(method: Change, path: string, body?: unknown): Promise<T> {
    const { socket } = this.#places;
    return this.#first([{ socketPath: socket }], (place) => this.#exchange<T>(place, method, path, body));
  }

  /** Calls back with each server-sent event. Resolves when the stream ends; rejects like `get`. */
  events(path: string, onEvent: (event: ServerEvent) => void, signal: AbortSignal): Promise<void> {
    return this.#first(this.#all(), async (place) => {
      const response = await this.#open(place, "GET", path, signal);
      if (response.statusCode !== 200) throw refusal(response.statusCode, await this.#text(response));
      response.setTimeout(this.#limits.silenceMs, () => response.destroy());
      await readEvents(response, onEvent);
    });
  }

  #all(): readonly Place[] {
    const { socket, addresses, port } = this.#places;
    const own = new Set(Object.values(networkInterfaces()).flatMap((list) => list?.map((a) => a.address)));
    const tcp = addresses.filter((address) => own.has(address)).map((host) => ({ host, port }));
    return [{ socketPath: socket }, ...tcp];
  }

  async #first<T>(places: readonly Place[], ask: (place: Place) => Promise<T>): Promise<T> {
    let denied = false;
    for (const place of places) {
      try {
        return await ask(place);
      } catch (thrown) {
        const code = (thrown as NodeJS.ErrnoException).code ?? "";
        if (!elsewhere.has(code)) throw asError(thrown);
        denied ||= code === "EACCES" || code === "EPERM";
      }
    }
    const { socket } = this.#places;
    if (denied && places.length === 1)
      throw new GatewayError("no-rights", "operator", `you may not open ${socket}`, "run it as root");
    throw new GatewayError(
      "api-silent",
      "operator",
      denied ? `you may not open ${socket}, and nobody answers elsewhere` : `no gateway answers at ${socket}`,
      `${denied ? "run it as root; " : ""}gateway status --direct needs no daemon`,
    );
  }

  async #exchange<T>(place: Place, method: Method, path: string, body?: unknown): Promise<T> {
    const { timeoutMs } = this.#limits;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.#open(place, method, path, signal, body);
      const text = await this.#text(response);
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) throw refusal(statusCode, text);
      return parse(text) as T;
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      throw failed(`the gateway does not answer within ${timeoutMs / 1000} s`);
    }
  }

  async #open(
    place: Place,
    method: Method,
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<IncomingMessage> {
    const headers = {
      Host: "localhost",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    };
    // Commands that ask nobody would spend a tenth of their start on it.
    const { request } = await import("node:http");
    return new Promise((resolve, reject) => {
      // A server's name is for TLS alone, and Node.js would look for an address in "localhost" to know it.
      const options = { ...place, method, path, agent: false, servername: "", signal, headers };
      const asked: ClientRequest = request(options, resolve);
      asked.on("error", reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async #text(response: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > this.#limits.longestAnswer)
        throw failed(`an answer of more than ${this.#limits.longestAnswer} octets`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}

const failed = (why: string): GatewayError => new GatewayError("api-failed", "operator", why);

/** What breaks off in the middle is said in our words; what is ours already stays. */
const asError = (thrown: unknown): unknown =>
  thrown instanceof GatewayError || !(thrown instanceof Error)
    ? thrown
    : failed(`the gateway's answer broke off: ${thrown.message}`);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failed("what answers is no gateway: it does not speak JSON");
  }
}

function refusal(status: number | undefined, text: string): GatewayError {
  let said: unknown;
  try {
    said = (JSON.parse(text) as { readonly error?: unknown } | null)?.error;
  } catch {
    said = undefined;
  }
  const message = typeof said === "string" ? said : `HTTP status ${status}`;
  return new GatewayError("api-refused", "operator", message, status === 401 ? "run it as root" : undefined);
}
