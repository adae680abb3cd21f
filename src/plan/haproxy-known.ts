/** What is known of a running HAProxy since the last look at all of it: found there, or told with success. */
import type { ObservedServer, ObservedTables } from "./haproxy-observed.ts";

/** What leads to a server or is a part of it. */
interface Parts {
  readonly addresses: Set<string>;
  readonly ports: Set<string>;
}

export class HaproxyKnown {
  readonly #servers = new Map<string, ObservedServer>();
  readonly #devices = new Map<string, string>();
  readonly #ports = new Map<string, string>();
  readonly #parts = new Map<string, Parts>();

  /** @param pid of the worker that was looked at */
  constructor(
    observed: ObservedTables,
    readonly pid: number,
  ) {
    this.#add(observed);
  }

  get servers(): ObservedTables["servers"] {
    return this.#servers;
  }

  /** These servers with all that leads to them, and these addresses wherever they lead. */
  part(names: Iterable<string>, addresses: Iterable<string>): ObservedTables {
    const servers = new Map<string, ObservedServer>();
    const devices = new Map<string, string>();
    const ports = new Map<string, string>();
    for (const name of names) {
      const server = this.#servers.get(name);
      if (server) servers.set(name, server);
      const parts = this.#parts.get(name);
      for (const ip of parts?.addresses ?? []) devices.set(ip, name);
      for (const key of parts?.ports ?? []) ports.set(key, this.#ports.get(key) ?? "");
    }
    for (const ip of addresses) {
      const name = this.#devices.get(ip);
      if (name !== undefined) devices.set(ip, name);
    }
    return { servers, devices, ports };
  }

  /** Instead of what `part` gave there is this now. */
  replace(part: ObservedTables, now: ObservedTables): void {
    for (const name of part.servers.keys()) this.#servers.delete(name);
    for (const [ip, name] of part.devices) {
      this.#devices.delete(ip);
      this.#of(name).addresses.delete(ip);
    }
    for (const key of part.ports.keys()) {
      this.#ports.delete(key);
      this.#of(serverOf(key)).ports.delete(key);
    }
    this.#add(now);
    for (const name of part.servers.keys()) this.#tidy(name);
  }

  #add({ servers, devices, ports }: ObservedTables): void {
    for (const [name, server] of servers) this.#servers.set(name, server);
    for (const [ip, name] of devices) {
      this.#devices.set(ip, name);
      this.#of(name).addresses.add(ip);
    }
    for (const [key, port] of ports) {
      this.#ports.set(key, port);
      this.#of(serverOf(key)).ports.add(key);
    }
  }

  #of(name: string): Parts {
    const parts = this.#parts.get(name) ?? { addresses: new Set(), ports: new Set() };
    this.#parts.set(name, parts);
    return parts;
  }

  #tidy(name: string): void {
    const { addresses, ports } = this.#of(name);
    if (addresses.size + ports.size === 0) this.#parts.delete(name);
  }
}

const serverOf = (portKey: string): string => portKey.slice(0, portKey.indexOf(":"));
