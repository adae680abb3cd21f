/** The proxy where there is no HAProxy: one supervised socat for each address and port. */
import { messageOf } from "../../base/errors.ts";
import type { Mac } from "../../base/mac.ts";
import type { ProxyChanges, ProxyDesired, ProxyUse } from "../../plan/proxy.ts";
import { ProxyWanted } from "../../plan/proxy-wanted.ts";
import { type SocatProxy, socatArgs, socatKey, socatMarker, socatProxies } from "../../plan/socat.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes, Supervised } from "../../ports/processes.ts";
import type { ProxyBackend, ProxyStatus } from "./backend.ts";

export interface SocatBackendParts {
  readonly processes: Processes;
  readonly log: Log;
  /** `proxy.socat_limit`. */
  readonly limit: number;
}

interface Running {
  readonly proxy: SocatProxy;
  readonly process: Supervised;
  /** The last complaint, until it has lived for a while. */
  trouble: string | undefined;
}

export class SocatBackend implements ProxyBackend {
  readonly #parts: SocatBackendParts;
  readonly #running = new Map<string, Running>();
  #desired: ProxyWanted | undefined;
  /** What is within the limit. */
  #wanted = new Map<string, SocatProxy>();
  readonly #keys = new Map<Mac, readonly string[]>();
  /** What may not be as it is wanted. */
  readonly #open = new Set<string>();
  #surplus = 0;
  #sendProxy = false;
  /** Changes are made one after the other; the last wish counts. */
  #turn: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(parts: SocatBackendParts) {
    this.#parts = parts;
  }

  /** Ends what an earlier run left listening; the connections it serves go on. */
  async start(): Promise<void> {
    await endSocatListeners(this.#parts.processes);
  }

  update(desired: ProxyDesired): void {
    this.#desired = new ProxyWanted(desired);
    this.#sendProxy = desired.sendProxy;
    this.#choose(socatProxies(desired));
    this.#begin([...this.#running.keys(), ...this.#wanted.keys()]);
  }

  /** Where the limit cuts, who is served depends on all. */
  change(devices: ProxyChanges): void {
    if (!this.#desired) return;
    const { macs } = this.#desired.change(devices);
    const before = macs.flatMap((mac) => this.#keys.get(mac) ?? []);
    const now = socatProxies(this.#desired.part(macs));
    if (this.#surplus > 0 || this.#wanted.size - before.length + now.length > this.#parts.limit) {
      this.update(this.#desired.whole());
      return;
    }
    for (const key of before) this.#wanted.delete(key);
    for (const mac of macs) this.#keys.delete(mac);
    this.#want(now);
    this.#begin([...before, ...now.map(socatKey)]);
  }

  #choose(all: readonly SocatProxy[]): void {
    const { limit, log } = this.#parts;
    const surplus = Math.max(0, all.length - limit);
    if (surplus !== this.#surplus && surplus > 0) log.warn(surplusText(surplus, all.length, limit));
    this.#surplus = surplus;
    this.#wanted.clear();
    this.#keys.clear();
    this.#want(all.slice(0, limit));
  }

  #want(proxies: readonly SocatProxy[]): void {
    for (const proxy of proxies) {
      const key = socatKey(proxy);
      this.#wanted.set(key, proxy);
      this.#keys.set(proxy.mac, [...(this.#keys.get(proxy.mac) ?? []), key]);
    }
  }

  #begin(keys: readonly string[]): void {
    for (const key of keys) this.#open.add(key);
    this.#again = true;
    this.#turn ??= this.#follow().finally(() => {
      this.#turn = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
  }

  /** Its processes tell nobody what they do. */
  async use(): Promise<ProxyUse | undefined> {
    return undefined;
  }

  status(): ProxyStatus {
    const running = [...this.#running.values()];
    const devices = new Set(running.map(({ proxy }) => proxy.mac)).size;
    const total = this.#wanted.size + this.#surplus;
    return {
      backend: "socat",
      running: !this.#stopped && running.every(({ trouble }) => trouble === undefined),
      summary: `socat: ${running.length} processes for ${devices} devices`,
      problems: [
        ...(this.#surplus > 0 ? [surplusText(this.#surplus, total, this.#parts.limit)] : []),
        ...(this.#sendProxy ? ["socat knows no PROXY protocol (proxy.send_proxy): install HAProxy"] : []),
        ...running.flatMap(({ proxy, trouble }) => (trouble ? [`${nameOf(proxy)}: ${trouble}`] : [])),
      ],
    };
  }

  async #follow(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.#endSurplus();
      for (const key of this.#open) {
        if (this.#again || this.#stopped) break;
        const proxy = this.#wanted.get(key);
        this.#open.delete(key);
        if (proxy && !this.#running.has(key)) await this.#launch(key, proxy);
      }
    }
  }

  async #endSurplus(): Promise<void> {
    const leaving = [...this.#open].filter((key) => !this.#wanted.has(key));
    const processes = leaving.flatMap((key) => this.#running.get(key)?.process ?? []);
    for (const key of leaving) this.#running.delete(key);
    await Promise.all(processes.map((process) => process.stop()));
  }

  async #launch(key: string, proxy: SocatProxy): Promise<void> {
    const { processes, log } = this.#parts;
    let last = "";
    const tell = (trouble: string | undefined): void => {
      const running = this.#running.get(key);
      if (running) running.trouble = trouble;
    };
    try {
      const process = await processes.supervise({
        name: "socat",
        command: "socat",
        args: socatArgs(proxy),
        onLine: (line) => {
          last = line.replace(/^\S+ \S+ ipv4-ipv6-gateway\[\d+\] /, "");
          log.debug(`${nameOf(proxy)}: ${last}`);
        },
        onSettled: () => tell(undefined),
        onExit: (how, ms) => {
          const why = last === "" ? how : `${how}: ${last}`;
          log.warn(`${nameOf(proxy)} ended (${why}); started again in ${Math.round(ms / 100) / 10} s`);
          tell(`it ends again and again (${why})`);
        },
      });
      this.#running.set(key, { proxy, process, trouble: undefined });
    } catch (thrown) {
      log.warn(`${nameOf(proxy)} cannot be started: ${messageOf(thrown)}`);
    }
  }
}

/** Ends our socat processes that listen, whoever started them; those that serve a connection end with it. */
async function endSocatListeners(processes: Processes): Promise<void> {
  const ours = await processes.find(socatMarker);
  if (ours.length === 0) return;
  const listening = new Set((await processes.listeners()).map(({ pid }) => pid));
  await processes.end(ours.filter((pid) => listening.has(pid)));
}

const nameOf = ({ mac, listen, target }: SocatProxy): string =>
  `socat for [${listen.ip}]:${listen.port} to ${target.ip}:${target.port} (device ${mac})`;

const surplusText = (surplus: number, all: number, limit: number): string =>
  `${surplus} of ${all} IPv6 forwards are not served: socat needs a process of about 2 MB for each, and proxy.socat_limit is ${limit}; install HAProxy, or raise it`;
