/** The LAN's DHCP and DNS server: our own dnsmasq, supervised. */
import type { Interface4 } from "../../base/cidr4.ts";
import { messageOf } from "../../base/errors.ts";
import { millis, seconds } from "../../base/time.ts";
import { renderDnsmasq, renderResolv } from "../../plan/dnsmasq.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes, Supervised } from "../../ports/processes.ts";
import { parseDnsmasqLeases } from "../discovery/dnsmasq-leases.ts";
import type { Sighting } from "../discovery/lan-frames.ts";

export interface LanServiceParts {
  readonly clock: Clock;
  readonly files: Files;
  readonly processes: Processes;
  readonly log: Log;
  readonly lanPort: string;
  readonly lan: Interface4;
  readonly poolStart: number;
  readonly poolSize: number;
  /** dnsmasq tells of each DHCP message. */
  readonly verbose: boolean;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  /** Another place for the resolvers, where the system's own server was told to look for them. */
  readonly systemResolvFile?: string;
  /** The leases dnsmasq holds, at the start and soon after a change. */
  readonly onLeases: (leases: readonly Sighting[]) => void;
}

/** The argument by which our instance is found again, by us or by `gateway cleanup`. */
export const dnsmasqMarker = (runtimeDirectory: string): string =>
  `--conf-file=${runtimeDirectory}/dnsmasq.conf`;

/** The reconciler puts the LAN address back within that. */
const addressAfter = seconds(3);
/** Devices are noticed by their frames at once; the file adds names and what was missed. */
const readAfter = millis(500);

/** Where the system's own dnsmasq keeps its leases, on OpenWrt and on Debian. */
const systemLeaseFiles = ["/tmp/dhcp.leases", "/var/lib/misc/dnsmasq.leases"];

/** Whether `/proc/net/udp` shows a socket on port 67 (0x43). */
export const servesDhcp = (procNetUdp: string): boolean => /^\s*\d+: [0-9A-F]{8}:0043 /m.test(procNetUdp);

export class LanService {
  readonly #parts: LanServiceParts;
  #process: Supervised | undefined;
  readonly #unwatch: (() => void)[] = [];
  #resolv = "";
  readonly #addresses = new Set<string>();
  #restart: Cancel | undefined;
  #started = false;
  #stopped = false;
  /** Lines of the lease file, and what they say. */
  #parsed: ReadonlyMap<string, readonly Sighting[]> = new Map();

  constructor(parts: LanServiceParts) {
    this.#parts = parts;
  }

  get #leaseFile(): string {
    return `${this.#parts.stateDirectory}/dnsmasq.leases`;
  }
  get #resolvFile(): string {
    return `${this.#parts.runtimeDirectory}/resolv.conf`;
  }

  /**
   * Starts our own dnsmasq, unless the system serves DHCP already; then only that one's leases are read.
   * @param addresses those that the LAN port has
   */
  async start(addresses: readonly string[] = []): Promise<void> {
    for (const ip of addresses) this.#addresses.add(ip);
    const { files, processes, log, runtimeDirectory } = this.#parts;
    const marker = dnsmasqMarker(runtimeDirectory);
    await processes.end(await processes.find(marker));
    if (servesDhcp((await files.read("/proc/net/udp")) ?? "")) {
      log.info(
        "DHCP and DNS for the LAN: the system's own server runs (UDP port 67 is taken); ours is not started",
      );
      for (const file of systemLeaseFiles) await this.#follow(file);
      await this.#guarded(async () => {
        await files.makeDirectory(runtimeDirectory);
        await this.#writeResolvers();
      });
      this.#started = true;
      return;
    }
    await this.#startOwn();
  }

  async #startOwn(): Promise<void> {
    const { files, log, runtimeDirectory, stateDirectory } = this.#parts;
    await files.makeDirectory(runtimeDirectory);
    await files.makeDirectory(stateDirectory);
    await this.#writeResolvers();
    const conf = `${runtimeDirectory}/dnsmasq.conf`;
    await files.write(
      conf,
      renderDnsmasq({ ...this.#parts, leaseFile: this.#leaseFile, resolvFile: this.#resolvFile }),
    );
    await this.#follow(this.#leaseFile);
    await this.#supervise();
    this.#started = true;
    log.info("DHCP and DNS for the LAN: dnsmasq runs", { pid: this.#process?.pid });
  }

  async #supervise(): Promise<void> {
    const { processes, log, runtimeDirectory } = this.#parts;
    const marker = dnsmasqMarker(runtimeDirectory);
    let last = "";
    this.#process = await processes.supervise({
      name: "dnsmasq",
      command: "dnsmasq",
      args: [marker],
      marker,
      onLine: (line) => {
        last = line;
        log.debug(`dnsmasq: ${line}`);
      },
      onExit: (how, ms) =>
        log.warn(`dnsmasq ended (${how}); started again in ${Math.round(ms / 100) / 10} s`, { said: last }),
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#restart?.();
    for (const unwatch of this.#unwatch) unwatch();
    await this.#process?.stop();
  }

  /** The LAN port was made anew: dnsmasq holds on to the one that was, and is started again once this one has its address. */
  portBack(): void {
    this.#restart?.();
    this.#restart = this.#parts.clock.after(addressAfter, () => void this.#guarded(() => this.#startAgain()));
  }

  /** The LAN port has this address: dnsmasq answers at those that were there when it was started. */
  hasAddress(ip: string): void {
    if (this.#addresses.has(ip)) return;
    this.#addresses.add(ip);
    this.portBack();
  }

  async #startAgain(): Promise<void> {
    const running = this.#process;
    if (!running) return;
    await running.stop();
    if (!this.#stopped) await this.#supervise();
  }

  /** The resolvers that the LAN's names are asked of, best first. dnsmasq reads the file again by itself. */
  async setResolvers(servers: readonly string[]): Promise<void> {
    const text = renderResolv(servers);
    if (text === this.#resolv) return;
    this.#resolv = text;
    // Before that, `start` writes it.
    if (this.#started) await this.#guarded(() => this.#writeResolvers());
  }

  async #writeResolvers(): Promise<void> {
    const { files, systemResolvFile } = this.#parts;
    await files.write(this.#resolvFile, this.#resolv);
    if (systemResolvFile !== undefined)
      await this.#guarded(async () => {
        await files.makeDirectory(systemResolvFile.slice(0, systemResolvFile.lastIndexOf("/")));
        await files.write(systemResolvFile, this.#resolv);
      });
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (thrown) {
      this.#parts.log.warn(`DHCP and DNS for the LAN: ${messageOf(thrown)}`);
    }
  }

  async #follow(leaseFile: string): Promise<void> {
    const read = (): Promise<void> => this.#guarded(() => this.#readLeases(leaseFile));
    await read();
    let waiting: Cancel | undefined;
    const unwatch = this.#parts.files.watch(leaseFile, () => {
      waiting ??= this.#parts.clock.after(readAfter, () => {
        waiting = undefined;
        void read();
      });
    });
    this.#unwatch.push(unwatch, () => waiting?.());
  }

  /** The file is written anew for each lease: only its new lines are parsed. */
  async #readLeases(leaseFile: string): Promise<void> {
    const text = await this.#parts.files.read(leaseFile);
    if (text === undefined) return;
    const known = this.#parsed;
    this.#parsed = new Map(
      text.split("\n").map((line) => [line, known.get(line) ?? parseDnsmasqLeases(line)]),
    );
    this.#parts.onLeases([...this.#parsed.values()].flat());
  }
}
