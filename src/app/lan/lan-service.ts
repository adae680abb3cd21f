/** The LAN's DHCP and DNS server: our own dnsmasq, supervised. */
import type { Interface4 } from "../../base/cidr4.ts";
import { messageOf } from "../../base/errors.ts";
import type { Ip4 } from "../../base/ip4.ts";
import { renderDnsmasq, renderResolv } from "../../plan/dnsmasq.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes, Supervised } from "../../ports/processes.ts";
import { parseDnsmasqLeases } from "../discovery/dnsmasq-leases.ts";
import type { Sighting } from "../discovery/lan-frames.ts";

export interface LanServiceParts {
  readonly files: Files;
  readonly processes: Processes;
  readonly log: Log;
  readonly lanPort: string;
  readonly lan: Interface4;
  readonly poolStart: number;
  readonly poolSize: number;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  /** The leases dnsmasq holds, at the start and after each change. */
  readonly onLeases: (leases: readonly Sighting[]) => void;
}

/** The argument by which our instance is found again, by us or by `gateway cleanup`. */
export const dnsmasqMarker = (runtimeDirectory: string): string =>
  `--conf-file=${runtimeDirectory}/dnsmasq.conf`;

export class LanService {
  readonly #parts: LanServiceParts;
  #process: Supervised | undefined;
  #unwatch: (() => void) | undefined;
  #resolv = "";

  constructor(parts: LanServiceParts) {
    this.#parts = parts;
  }

  get #leaseFile(): string {
    return `${this.#parts.stateDirectory}/dnsmasq.leases`;
  }
  get #resolvFile(): string {
    return `${this.#parts.runtimeDirectory}/resolv.conf`;
  }

  async start(): Promise<void> {
    const { files, processes, log, runtimeDirectory, stateDirectory } = this.#parts;
    await files.makeDirectory(runtimeDirectory);
    await files.makeDirectory(stateDirectory);
    await files.write(this.#resolvFile, this.#resolv);
    const conf = `${runtimeDirectory}/dnsmasq.conf`;
    await files.write(
      conf,
      renderDnsmasq({ ...this.#parts, leaseFile: this.#leaseFile, resolvFile: this.#resolvFile }),
    );
    await this.#readLeases();
    this.#unwatch = files.watch(this.#leaseFile, () => void this.#guarded(() => this.#readLeases()));
    this.#process = await processes.supervise({
      name: "dnsmasq",
      command: "dnsmasq",
      args: [dnsmasqMarker(runtimeDirectory)],
      marker: dnsmasqMarker(runtimeDirectory),
      onLine: (line) => log.debug(`dnsmasq: ${line}`),
      onExit: (how, ms) =>
        log.warn(`dnsmasq ended (${how}); started again in ${Math.round(ms / 100) / 10} s`),
    });
    log.info("DHCP and DNS for the LAN: dnsmasq runs", { pid: this.#process.pid });
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#process?.stop();
  }

  /** The resolvers that the LAN's names are asked of, best first. dnsmasq reads the file again by itself. */
  async setResolvers(servers: readonly Ip4[]): Promise<void> {
    const text = renderResolv(servers);
    if (text === this.#resolv) return;
    this.#resolv = text;
    // Before that, `start` writes it.
    if (this.#process) await this.#guarded(() => this.#parts.files.write(this.#resolvFile, text));
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (thrown) {
      this.#parts.log.warn(`DHCP and DNS for the LAN: ${messageOf(thrown)}`);
    }
  }

  async #readLeases(): Promise<void> {
    const text = await this.#parts.files.read(this.#leaseFile);
    if (text !== undefined) this.#parts.onLeases(parseDnsmasqLeases(text));
  }
}
