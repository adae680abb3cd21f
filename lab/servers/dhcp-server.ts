import type { Running } from "../exec.ts";
import type { Namespace } from "../netns.ts";

/** What a DHCP server hands out; times in seconds. */
export interface DhcpOptions {
  /** The subnet, as `198.51.100.0/24`. */
  readonly subnet: string;
  readonly poolStart: string;
  readonly poolEnd: string;
  /** dnsmasq takes no less than 120; use t1 and t2 for early renewals. */
  readonly leaseSeconds: number;
  /** Option 58. */
  readonly t1Seconds?: number;
  /** Option 59. */
  readonly t2Seconds?: number;
  readonly router: string;
  readonly dns: readonly string[];
  readonly domain?: string;
  /** Option 108 (RFC 8925), for clients that ask for it. */
  readonly v6OnlySeconds?: number | undefined;
  /** Says NAK to a client with an address that is not of the pool; true unless told. */
  readonly authoritative?: boolean;
}

/** A lease as the server's own lease file has it. */
export interface ServerLease {
  readonly mac: string;
  readonly ip: string;
  /** Unix time in seconds; undefined: never. */
  readonly expires: number | undefined;
}

export interface DhcpPlace {
  readonly namespace: Namespace;
  readonly interface: string;
  /** Configuration, lease file and process ids go here; the lease file outlives a restart. */
  readonly directory: string;
}

export type DhcpServerKind = "dnsmasq" | "kea" | "dhcpd";

/** A server with a lease file: DHCPv4 or DHCPv6. */
export interface Server<Kind, Options, Lease> {
  readonly kind: Kind;
  readonly options: Options;
  readonly running: boolean;
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** SIGTERM unless told; SIGKILL leaves the lease file as it was. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops, changes options, optionally forgets all leases, starts. */
  restart(changes?: Partial<Options>, restart?: { readonly forgetLeases?: boolean }): Promise<void>;
  leases(): Promise<readonly Lease[]>;
  log(): readonly string[];
}

/** The part of a server that differs between programs. */
export interface ServerProgram<Kind, Options, Lease> {
  readonly kind: Kind;
  /** Writes the configuration and starts the program; resolves when it answers. */
  launch(place: DhcpPlace, options: Options, onLine: (line: string) => void): Promise<Running>;
  leases(place: DhcpPlace): Promise<readonly Lease[]>;
  forgetLeases(place: DhcpPlace): Promise<void>;
}

export type DhcpServer = Server<DhcpServerKind, DhcpOptions, ServerLease>;
export type DhcpProgram = ServerProgram<DhcpServerKind, DhcpOptions, ServerLease>;

/** Four octets in hexadecimal, `00:00:02:58` for 600. */
export const hex32 = (n: number): string =>
  [24, 16, 8, 0].map((shift) => ((n >>> shift) & 255).toString(16).padStart(2, "0")).join(":");

export const netmaskOf = (subnet: string): string => {
  const length = Number(subnet.split("/")[1] ?? 24);
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
};

export const networkOf = (subnet: string): string => subnet.split("/")[0] ?? subnet;

export function createDhcpServer<Kind, Options, Lease>(
  program: ServerProgram<Kind, Options, Lease>,
  place: DhcpPlace,
  initial: Options,
): Server<Kind, Options, Lease> {
  let options = initial;
  let process: Running | undefined;
  const lines: string[] = [];
  const server: Server<Kind, Options, Lease> = {
    kind: program.kind,
    get options() {
      return options;
    },
    get running() {
      return process?.running === true;
    },
    async start() {
      if (process?.running === true) return;
      process = await program.launch(place, options, (line) => lines.push(line));
    },
    async stop(signal = "SIGTERM") {
      await process?.stop(signal);
      process = undefined;
    },
    async restart(changes = {}, { forgetLeases = false } = {}) {
      await server.stop();
      options = { ...options, ...changes };
      if (forgetLeases) await program.forgetLeases(place);
      await server.start();
    },
    leases: () => program.leases(place),
    log: () => lines,
  };
  return server;
}
