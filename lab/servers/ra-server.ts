import type { PrefixDescription, RaDescription, RaKind } from "../description6.ts";
import type { Running } from "../exec.ts";
import type { DhcpPlace } from "./dhcp-server.ts";
import { startPref64 } from "./pref64.ts";

/** A router's advertisements with nothing left out but what is none. */
export interface RaOptions extends Required<Omit<RaDescription, "prefixes" | "pref64" | "mtu">> {
  readonly prefixes: readonly Required<PrefixDescription>[];
  readonly pref64: string | undefined;
  readonly mtu: number | undefined;
}

export interface RaProgram {
  readonly kind: RaKind;
  /** Writes the configuration and starts the program; resolves when it advertises. */
  launch(place: DhcpPlace, options: RaOptions, onLine: (line: string) => void): Promise<Running>;
  /** Writes the configuration and has the program read it; absent: it is ended without a goodbye and started anew. */
  reload?(place: DhcpPlace, options: RaOptions, running: Running): Promise<void>;
}

/** What sends a router's advertisements. */
export interface RaServer {
  readonly kind: RaKind;
  readonly options: RaOptions;
  readonly running: boolean;
  start(): Promise<void>;
  /** SIGTERM unless told, which radvd answers with a last advertisement of router lifetime 0; SIGKILL is silent. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Advertises this from now on, at once when it runs. */
  change(options: RaOptions): Promise<void>;
  log(): readonly string[];
}

export function createRaServer(program: RaProgram, place: DhcpPlace, initial: RaOptions): RaServer {
  let options = initial;
  let process: Running | undefined;
  let pref64: Running | undefined;
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const server: RaServer = {
    kind: program.kind,
    get options() {
      return options;
    },
    get running() {
      return process?.running === true;
    },
    async start() {
      if (server.running) return;
      process = await program.launch(place, options, onLine);
      pref64 = startPref64(place, options, onLine);
    },
    async stop(signal = "SIGTERM") {
      await Promise.all([pref64?.stop("SIGKILL"), process?.stop(signal)]);
      process = undefined;
    },
    async change(next) {
      options = next;
      if (process?.running !== true) return;
      await pref64?.stop("SIGKILL");
      if (program.reload === undefined) {
        await server.stop("SIGKILL");
        await server.start();
        return;
      }
      await program.reload(place, options, process);
      pref64 = startPref64(place, options, onLine);
    },
    log: () => lines,
  };
  return server;
}
