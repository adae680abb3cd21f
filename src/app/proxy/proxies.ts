/** Which program is the IPv6 proxy, and that it is the only one. */
import { messageOf } from "../../base/errors.ts";
import { haproxyMarker } from "../../plan/haproxy-names.ts";
import type { ProxyChanges, ProxyDesired, ProxyUse } from "../../plan/proxy.ts";
import { ProxyWanted } from "../../plan/proxy-wanted.ts";
import { socatMarker } from "../../plan/socat.ts";
import type { Log } from "../../ports/log.ts";
import type { Processes } from "../../ports/processes.ts";
import type { ProxyBackend, ProxyStatus } from "./backend.ts";

type Kind = ProxyStatus["backend"];

interface Choice {
  readonly kind: Kind;
  readonly why: string;
}

export interface ProxiesParts {
  readonly wanted: "auto" | Kind;
  readonly processes: Processes;
  readonly log: Log;
  readonly runtimeDirectory: string;
  readonly backends: Readonly<Record<Kind, () => ProxyBackend>>;
}

/** What our proxies of any run have on their command lines. */
export const proxyMarkers = (runtimeDirectory: string): Readonly<Record<Kind, string>> => ({
  haproxy: haproxyMarker(runtimeDirectory),
  socat: socatMarker,
});

export class Proxies {
  readonly #parts: ProxiesParts;
  #choice: Choice | undefined;
  #chosen: ProxyBackend | undefined;
  #started = false;
  /** Until the start. */
  #wanted: ProxyWanted | undefined;

  constructor(parts: ProxiesParts) {
    this.#parts = parts;
  }

  /** Looks which program there is; the ruleset differs by it. */
  async choose(): Promise<Kind> {
    this.#choice ??= await chooseProxy(this.#parts.wanted, this.#parts.processes);
    return this.#choice.kind;
  }

  /** Undefined before `choose`. */
  get kind(): Kind | undefined {
    return this.#choice?.kind;
  }

  async start(): Promise<void> {
    const { log, backends } = this.#parts;
    const kind = await this.choose();
    const { why = "" } = this.#choice ?? {};
    log.info(`IPv6 clients reach the devices by ${kind} (${why})`);
    await this.#endOther(kind === "haproxy" ? "socat" : "haproxy");
    this.#chosen = backends[kind]();
    await this.#chosen.start();
    this.#started = true;
    if (this.#wanted) this.#chosen.update(this.#wanted.whole());
    this.#wanted = undefined;
  }

  async #endOther(kind: Kind): Promise<void> {
    const { processes, log, runtimeDirectory } = this.#parts;
    const left = await processes.find(proxyMarkers(runtimeDirectory)[kind]);
    if (left.length === 0) return;
    await processes.end(left);
    log.info(`Ended ${kind} of an earlier run`, { processes: left.length });
  }

  update(desired: ProxyDesired): void {
    if (this.#started) this.#chosen?.update(desired);
    else this.#wanted = new ProxyWanted(desired);
  }

  change(devices: ProxyChanges): void {
    if (this.#started) this.#chosen?.change(devices);
    else this.#wanted?.change(devices);
  }

  async stop(): Promise<void> {
    await this.#chosen?.stop();
  }

  /** Undefined: before the start, or it does not tell. */
  async use(): Promise<ProxyUse | undefined> {
    return this.#chosen?.use();
  }

  /** Undefined before the start. */
  status(): ProxyStatus | undefined {
    return this.#chosen?.status();
  }
}

/** The runtime socket of older ones cannot add servers. */
const OLDEST = [2, 6] as const;

export async function chooseProxy(wanted: ProxiesParts["wanted"], processes: Processes): Promise<Choice> {
  if (wanted !== "auto") return { kind: wanted, why: "as configured" };
  const haproxy = await lookForHaproxy(processes);
  if (haproxy.usable) return { kind: "haproxy", why: haproxy.what };
  if (await processes.has("socat")) return { kind: "socat", why: haproxy.what };
  return { kind: "haproxy", why: `${haproxy.what}; socat is not installed either` };
}

async function lookForHaproxy(processes: Processes): Promise<{ usable: boolean; what: string }> {
  if (!(await processes.has("haproxy"))) return { usable: false, what: "HAProxy is not installed" };
  const said = await processes.run("haproxy", ["-v"], "/").then(
    ({ output }) => output,
    (thrown: unknown) => messageOf(thrown),
  );
  const version = /version (\d+)\.(\d+)\S*/.exec(said);
  if (!version) return { usable: false, what: "HAProxy does not tell its version" };
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const usable = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  const name = `HAProxy ${version[0].slice(8)}`;
  return { usable, what: usable ? name : `${name} is older than ${OLDEST.join(".")}` };
}
