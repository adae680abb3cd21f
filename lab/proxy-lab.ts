/** A small network for the IPv6 proxy alone: one WAN client, many devices on one LAN host, and between them rules as the gateway makes them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { ProxyStatus } from "../src/app/proxy/backend.ts";
import type { Ip4 } from "../src/base/ip4.ts";
import type { Ip6 } from "../src/base/ip6.ts";
import type { Mac } from "../src/base/mac.ts";
import { autoPorts, exceptionsListener, type ProxyDesired, type ProxyDevice } from "../src/plan/proxy.ts";
import type { Running } from "./exec.ts";
import { helloFrom, type LoadTarget, startLoadServer } from "./load.ts";
import { connect, Namespace } from "./netns.ts";
import { projectFile } from "./paths.ts";
import { waitFor } from "./wait.ts";

/** Of the WAN side, named like an identity. */
export const wanPort = "gw00005e0053ff";
const ports = autoPorts([
  { port: 8080, target: 80 },
  { port: 2323, target: 23 },
]);

const hex = (n: number): string => n.toString(16);
export const lanIpOf = (n: number): string => `10.0.${n >> 8}.${n & 255}`;
export const wanIp6Of = (n: number): string => `2001:db8::a:${hex(n)}`;

/** The n-th device: its web server on 80, telnet on 23, another web server on 5000. */
export const proxyDevice = (n: number, more: Partial<ProxyDevice> = {}): ProxyDevice => ({
  mac: `02:00:5e:00:${hex(n >> 8).padStart(2, "0")}:${hex(n & 255).padStart(2, "0")}` as Mac,
  lanIp: lanIpOf(n) as Ip4,
  auto: true,
  addresses6: [wanIp6Of(n) as Ip6],
  exceptions: [],
  ...more,
});

export const proxyDesired = (
  devices: readonly ProxyDevice[],
  more: Partial<ProxyDesired> = {},
): ProxyDesired => ({
  ports,
  exceptionsListener,
  devices,
  stats: { address: "10.0.0.1" as Ip4, port: 8404, uri: "/stats" },
  sendProxy: false,
  ...more,
});

export const target = (n: number, port = 8080, devicePort = 80): LoadTarget => ({
  host: wanIp6Of(n),
  port,
  answer: helloFrom(lanIpOf(n), devicePort),
});

/** As in the gateway's own ruleset: handed over by destination, and let in only where a transparent socket waits. */
const rules = `table inet proxy {
  set reach6 { type ipv6_addr; flags interval; elements = { 2001:db8::a:0/112 } }
  set forward6 { type ipv6_addr . inet_service; }
  chain arriving {
    type filter hook prerouting priority dstnat + 10;
    iifname "gw*" meta l4proto tcp tcp flags & (fin|syn|rst|ack) == syn jump incoming
  }
  chain incoming {
    meta l4proto tcp ip6 daddr . tcp dport @forward6 tproxy ip6 to [::1]:${exceptionsListener} accept
    meta l4proto tcp ip6 daddr @reach6 tproxy ip6 to [::1]:tcp dport map { ${ports.map((p) => `${p.port} : ${p.listener}`).join(", ")} } accept
  }
  chain input {
    type filter hook input priority -10;
    iifname "gw*" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
    iifname "gw*" tcp flags & (fin|syn|rst|ack) == syn socket transparent 1 accept
    iifname "gw*" tcp flags & (fin|syn|rst|ack) == syn counter drop
    iifname "gw*" ct state established,related accept
    iifname "gw*" counter drop
  }
}
`;

export class ProxyLab {
  #host: Running | undefined;

  private constructor(
    readonly directory: string,
    readonly gateway: Namespace,
    readonly client: Namespace,
    readonly lan: Namespace,
  ) {}

  /**
   * Devices 2 to `devices` + 1 are there on the LAN, with addresses of theirs on the WAN. Without `serving` none of their ports is open.
   * Several at a time differ in `name`.
   */
  static async create(devices: number, { serving = true, name = "" } = {}): Promise<ProxyLab> {
    const directory = await mkdtemp(join(tmpdir(), "proxy-lab-"));
    const [gateway, client, lan] = await Promise.all(
      ["gw", "client", "lan"].map((n) => Namespace.create(name + n)),
    );
    if (!gateway || !client || !lan) throw new Error("no namespaces");
    await connect(
      { namespace: gateway, ifname: wanPort, ipv6: true },
      { namespace: client, ifname: "wan", ipv6: true },
    );
    await connect({ namespace: gateway, ifname: "lan" }, { namespace: lan, ifname: "eth0" });
    const numbers = Array.from({ length: devices }, (_, i) => i + 2);
    await gateway.ip([
      "addr add 10.0.0.1/16 dev lan",
      ...numbers.map((n) => `addr add ${wanIp6Of(n)}/64 dev ${wanPort} nodad`),
    ]);
    await lan.ip(numbers.map((n) => `addr add ${lanIpOf(n)}/16 dev eth0`));
    await client.ip(["addr add 2001:db8::99/64 dev wan nodad"]);
    await gateway.nft(rules);
    if (serving) await startLoadServer(lan, [80, 23, 5000]);
    await build({
      entryPoints: [projectFile("lab/programs/proxy-host.ts")],
      outfile: join(directory, "proxy-host.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["koffi"],
      banner: { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' },
    });
    return new ProxyLab(directory, gateway, client, lan);
  }

  get runtimeDirectory(): string {
    return join(this.directory, "run");
  }

  /** Starts the proxy's keeper, which starts or takes over the proxy. */
  start(backend: "auto" | "haproxy" | "socat" = "haproxy", level = "info"): void {
    const program = join(this.directory, "proxy-host.mjs");
    this.#host = this.gateway.start([process.execPath, program, backend, this.runtimeDirectory, level]);
  }

  /** Ends the keeper; the proxy goes on. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.#host?.stop(signal);
  }

  /** What the keeper logged. */
  get log(): readonly string[] {
    return this.#lines.filter((line) => !line.startsWith('{"status"'));
  }

  get #lines(): readonly string[] {
    return this.#host?.lines ?? [];
  }

  update(desired: ProxyDesired): void {
    this.#host?.write(`${JSON.stringify({ update: desired })}\n`);
  }

  async status(): Promise<ProxyStatus> {
    const answers = (): string[] => this.#lines.filter((line) => line.startsWith('{"status"'));
    const before = answers().length;
    this.#host?.write('{"status":true}\n');
    const answer = await waitFor("the proxy tells its status", () => answers()[before], { everyMs: 5 });
    return (JSON.parse(answer) as { status: ProxyStatus }).status;
  }

  /** Until its summary says so. */
  async until(summary: RegExp, timeoutMs = 30_000): Promise<ProxyStatus> {
    const look = async (): Promise<ProxyStatus | undefined> => {
      const status = await this.status();
      return summary.test(status.summary) ? status : undefined;
    };
    return waitFor(`the proxy is ${summary}`, look, {
      timeoutMs,
      everyMs: 10,
      explain: () => this.log.slice(-30).join("\n"),
    });
  }

  /** What a client hears on a port of this address; undefined when it is nothing. */
  async hello(host: string, port: number): Promise<string | undefined> {
    const argv = ["socat", "-t", "5", "-", `TCP6:[${host}]:${port},connect-timeout=5`];
    const { stdout } = await this.client.run(argv, { input: "hello\n", mayFail: true });
    return stdout === "" ? undefined : stdout;
  }

  /** Process ids of HAProxy, the master first. */
  async haproxyPids(): Promise<readonly number[]> {
    const { stdout } = await this.gateway.run(["pgrep", "-x", "haproxy"], { mayFail: true });
    const inside = new Set(await this.gateway.pids());
    return stdout
      .split("\n")
      .filter(Boolean)
      .map(Number)
      .filter((pid) => inside.has(pid));
  }

  async dispose(): Promise<void> {
    await this.stop("SIGKILL");
    await Promise.all([this.gateway, this.client, this.lan].map((namespace) => namespace.remove()));
    await rm(this.directory, { recursive: true, force: true });
  }
}
