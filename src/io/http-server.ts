/** HTTP servers on addresses and on a Unix socket, with bounds on what one client can hold. */
import { rm } from "node:fs/promises";
import { createServer, type Server, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { messageOf } from "../base/errors.ts";

export type Fetch = Parameters<typeof getRequestListener>[0];

export type HttpPlace = { readonly address: string; readonly port: number } | { readonly path: string };

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
    this.#server = createServer(bounds, getRequestListener(options.fetch));
    this.#server.maxConnections = mostConnections;
    this.#server.on("connection", (socket) => this.#count(socket));
    this.#server.on("listening", () => this.#tell(undefined));
    this.#server.on("error", (error) => this.#failed(error));
  }

  /** Resolves when it listens, or was refused for the first time. */
  async start(): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#server.once("listening", resolve);
      this.#server.once("error", () => resolve());
    });
    await this.#listen();
    await settled;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #listen(): Promise<void> {
    const { place } = this.#options;
    if (!("path" in place)) {
      this.#server.listen({ host: place.address, port: place.port });
      return;
    }
    // What a crash left; one daemon runs at a time.
    await rm(place.path, { force: true });
    const before = process.umask(0o177);
    this.#server.listen({ path: place.path });
    process.umask(before);
  }

  #failed(error: Error): void {
    this.#tell(`cannot listen on ${nameOf(this.#options.place)}: ${messageOf(error)}`);
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      void this.#listen().catch((thrown: unknown) => this.#failed(thrown as Error));
    }, retryMs).unref();
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
