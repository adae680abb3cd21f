/** HTTP servers on addresses and on a Unix socket, with bounds on what one client can hold. */
import { rm } from "node:fs/promises";
import { createServer, type Server, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { messageOf } from "../base/errors.ts";

export type Fetch = Parameters<typeof getRequestListener>[0];

export type HttpPlace =
  | {
      readonly address: string;
      readonly port: number;
      /** This machine may not have such addresses at all, which is no trouble. */
      readonly optional?: boolean;
    }
  | { readonly path: string };

export interface HttpServerOptions {
  readonly fetch: Fetch;
  readonly place: HttpPlace;
  /** It cannot listen there; undefined: it does now. Tried again every few seconds. */
  readonly onTrouble: (sentence: string | undefined) => void;
}

const mostConnections = 256;
/** Of one address. */
const mostEach = 64;
const retryMs = 5_000;
/** A client that sends slowly gives up a connection after this. */
const bounds: ServerOptions = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
};
/** So does one that takes nothing of what it asked for. Streams say more often that they live. */
const stuckMs = 30_000;

const nameOf = (place: HttpPlace): string =>
  "path" in place
    ? place.path
    : `${place.address.includes(":") ? `[${place.address}]` : place.address}:${place.port}`;

/** Listens until it is closed. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #connections = new Map<string, number>();
  #retry: NodeJS.Timeout | undefined;
  #said = "";
  #closed = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const serve = getRequestListener(options.fetch);
    // An answer without a socket waits for the one before it: hundreds asked for in one packet would all be made at once, and kept for as long as nobody reads.
    this.#server = createServer(bounds, (request, response) =>
      response.socket ? serve(request, response) : request.socket.destroy(),
    );
    this.#server.maxConnections = mostConnections;
    this.#server.setTimeout(stuckMs);
    this.#server.on("connection", (socket) => this.#count(socket));
    this.#server.on("listening", () => this.#tell(undefined));
    this.#server.on("error", (error) => this.#failed(error));
  }

  /** Resolves when it listens, or was refused for the first time. Never throws. */
  async start(): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#server.once("listening", resolve);
      this.#server.once("error", () => resolve());
    });
    if (await this.#listen()) await settled;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** @returns whether an event tells how it went */
  async #listen(): Promise<boolean> {
    const { place } = this.#options;
    try {
      if ("path" in place) await this.#listenOnPath(place.path);
      else this.#server.listen({ host: place.address, port: place.port });
      return !this.#closed;
    } catch (thrown) {
      this.#failed(thrown as Error);
      return false;
    }
  }

  async #listenOnPath(path: string): Promise<void> {
    // What a crash left; one daemon runs at a time.
    await rm(path, { force: true });
    if (this.#closed) return;
    const before = process.umask(0o177);
    try {
      this.#server.listen({ path });
    } finally {
      process.umask(before);
    }
  }

  /** A connection that could not be taken ends nothing. */
  #failed(error: NodeJS.ErrnoException): void {
    const { place } = this.#options;
    if (this.#closed || this.#server.listening) return;
    const absent = error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT";
    if (!(absent && "optional" in place && place.optional))
      this.#tell(`cannot listen on ${nameOf(place)}: ${messageOf(error)}`);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#listen(), retryMs).unref();
  }

  #tell(sentence: string | undefined): void {
    if ((sentence ?? "") === this.#said) return;
    this.#said = sentence ?? "";
    this.#options.onTrouble(sentence);
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    if (address === "") return;
    const count = this.#connections.get(address) ?? 0;
    if (count >= mostEach) {
      socket.destroy();
      return;
    }
    this.#connections.set(address, count + 1);
    socket.once("close", () => {
      const left = (this.#connections.get(address) ?? 1) - 1;
      if (left > 0) this.#connections.set(address, left);
      else this.#connections.delete(address);
    });
  }
}
