/** The proxy where there is no HAProxy: one supervised socat for each address and port. */
import { messageOf } from "../../base/errors.ts";
import { type ProxyChanges, type ProxyDesired, withChanges } from "../../plan/proxy.ts";
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
  #desired: ProxyDesired | undefined;
  #wanted: ReadonlyMap<string, SocatProxy> = new Map();
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

  change(devices: ProxyChanges): void {
    if (this.#desired) this.update(withChanges(this.#desired, devices));
  }

  update(desired: ProxyDesired): void {
    this.#desired = desired;
    const all = socatProxies(desired);
    const { limit, log } = this.#parts;
    const surplus = Math.max(0, all.length - limit);
    if (surplus !== this.#surplus && surplus > 0) log.warn(surplusText(surplus, all.length, limit));
    this.#surplus = surplus;
    this.#sendProxy = desired.sendProxy;
    this.#wanted = new Map(all.slice(0, limit).map((proxy) => [socatKey(proxy), proxy]));
    this.#again = true;
    this.#turn ??= this.#follow().finally(() => {
      this.#turn = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
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
      const leaving = [...this.#running].filter(([key]) => !this.#wanted.has(key));
      for (const [key] of leaving) this.#running.delete(key);
      await Promise.all(leaving.map(([, { process }]) => process.stop()));
      for (const [key, proxy] of this.#wanted) {
        if (this.#again || this.#stopped) break;
        if (!this.#running.has(key)) await this.#launch(key, proxy);
      }
    }
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
