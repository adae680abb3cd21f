/** ports/Kernel in memory, below all code that ships: it takes the very text that iproute2 and nftables take. */
import { GatewayError } from "../../src/base/errors.ts";
import type { Ip6 } from "../../src/base/ip6.ts";
import type { Kernel, KernelEvent, LineFailure } from "../../src/ports/kernel.ts";
import { type Change, FakeIp, Refused, runLine } from "./fake-ip.ts";
import { printIp } from "./fake-ip-json.ts";
import { type FakeAddress6, FakeIp6 } from "./fake-ip6.ts";
import { printIp6 } from "./fake-ip6-json.ts";
import { FakeNft } from "./fake-nft.ts";
import { settingsOf } from "./fake-settings.ts";

interface Failure {
  readonly pattern: RegExp;
  readonly message: string;
}

function stateOf(flags: readonly string[]): "deprecated" | "tentative" | "usable" {
  if (flags.includes("deprecated")) return "deprecated";
  return flags.includes("tentative") && !flags.includes("optimistic") ? "tentative" : "usable";
}

interface ShownLink {
  readonly ifname: string;
  readonly addr_info?: readonly unknown[];
}

export class FakeKernel implements Kernel {
  readonly ip = new FakeIp();
  readonly ip6 = new FakeIp6(
    this.ip.links,
    (ifname) => this.sysctls.get(`net/ipv6/conf/${ifname}/disable_ipv6`) !== "0",
  );
  readonly tables = new FakeNft();
  readonly sysctls = new Map<string, string>();
  /** Interfaces whose packets all processors go on with, but the one that is told here. */
  readonly spread = new Map<string, number | undefined>();
  /** How often each tool was started. */
  readonly started = { ipBatch: 0, ipShow: 0, ipJson: 0, nft: 0, nftJson: 0 };
  /** Every line and script that was carried out, in order. */
  readonly done: string[] = [];
  readonly #failures: Failure[] = [];
  readonly #races: (() => void)[] = [];
  readonly #watchers = new Set<(event: KernelEvent) => void>();

  constructor({ lan = "eth1", wan = "eth0" } = {}) {
    this.#settings("all", true);
    this.ip.onLink = (ifname, there) => this.#settings(ifname, there);
    this.ip.onState = (ifname, up) => this.ip6.linkState(ifname, up);
    const veth = { mtu: 1500, group: "default", carrier: true, kind: "veth" as const };
    this.ip.addLink({ ifname: wan, mac: "02:00:00:00:00:f0", up: true, ...veth });
    this.ip.addLink({ ifname: lan, mac: "02:00:00:00:00:f1", up: true, ...veth });
  }

  async spreadReceived(ifname: string, busy?: number): Promise<string | undefined> {
    if (!this.ip.links.has(ifname)) return `there is no ${ifname}`;
    this.spread.set(ifname, busy);
    return undefined;
  }

  #settings(ifname: string, there: boolean): void {
    for (const [key, value] of settingsOf(ifname)) {
      if (there) this.sysctls.set(key, value);
      else this.sysctls.delete(key);
    }
  }

  /** The next operation whose text matches fails once with this message. */
  failNext(pattern: RegExp, message: string): void {
    this.#failures.push({ pattern, message });
  }

  /** Something happens just before the next change that the gateway makes. */
  beforeNext(race: () => void): void {
    this.#races.push(race);
  }

  /** Failures and races that have not happened will not. */
  calm(): void {
    this.#failures.length = 0;
    this.#races.length = 0;
  }

  /** How many injected failures have not happened. */
  get failuresLeft(): number {
    return this.#failures.length;
  }

  #meet(text: string): void {
    const at = this.#failures.findIndex(({ pattern }) => pattern.test(text));
    const [failure] = at < 0 ? [] : this.#failures.splice(at, 1);
    if (failure) throw new Refused(failure.message);
  }

  async ipBatch(lines: readonly string[], family?: 4 | 6): Promise<readonly LineFailure[]> {
    this.started.ipBatch++;
    this.#races.shift()?.();
    const failures: LineFailure[] = [];
    for (const [n, line] of lines.entries()) {
      try {
        this.#meet(line);
        this.foreign(line, family);
        this.done.push(`ip ${family === 6 ? "-6 " : ""}${line}`);
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        failures.push({ line: n, message: thrown.message });
      }
    }
    return failures;
  }

  /** A line of somebody else. */
  foreign(line: string, family?: 4 | 6): void {
    const rules = family === 6 ? this.ip6.ruleGrammar : [];
    const before = [...this.ip.links.keys()];
    const before6 = [...this.ip6.addresses];
    const { change, dev, ip } = runLine([...rules, ...this.ip6.grammar, ...this.ip.grammar], line);
    const gone = dev === "" ? before.filter((name) => !this.ip.links.has(name)) : [dev];
    for (const name of gone) this.tell(this.#event(change, name, ip, line));
    if (change === "link") this.#tellAddresses6(before6);
  }

  /** A router advertisement for this prefix reaches all identities, as a multicast does; `flags` as in `FakeIp6`. */
  advertise(prefix: Ip6, ...flags: readonly string[]): void {
    for (const { ifname, kind } of this.ip.links.values()) {
      const ip = kind === "macvlan" ? this.ip6.advertise(ifname, prefix, ...flags) : undefined;
      const gone = ip !== undefined && this.ip6.taken.has(ip);
      const state = gone ? "duplicate" : stateOf(flags);
      if (ip) this.tell({ kind: "address", ifname, family: 6, ip, length: 64, made: true, gone, state });
    }
  }

  #event(change: Change, dev: string, ip: string, line: string): KernelEvent {
    const gone = / delete /.test(` ${line}`.replace(/^ \S+/, ""));
    if (change === "address") return this.#addressEvent(dev, ip, gone);
    const link = this.ip.links.get(dev);
    if (change === "link")
      return {
        ...{ kind: "link", ifname: dev, gone: !link },
        ...{ up: link?.up === true, carrier: link?.up === true && link.carrier },
        ...{ mtu: link?.mtu ?? 0, group: link?.group ?? "" },
      };
    const neighbour = this.ip.neighbours.findLast((n) => n.dev === dev);
    return change === "neighbour"
      ? {
          kind: "neighbour",
          ip: neighbour?.ip ?? "",
          mac: neighbour?.mac,
          state: neighbour?.state ?? "FAILED",
          ifname: dev,
        }
      : wayEvent(change, line, gone);
  }

  /** An interface that goes up forms its link-local address; one that goes down, or away, loses all. */
  #tellAddresses6(before: readonly FakeAddress6[]): void {
    const now = this.ip6.addresses;
    const has = (all: readonly FakeAddress6[], one: FakeAddress6): boolean =>
      all.some(({ dev, ip }) => dev === one.dev && ip === one.ip);
    for (const one of before) if (!has(now, one)) this.tell(this.#addressEvent(one.dev, one.ip, true));
    for (const one of now) if (!has(before, one)) this.tell(this.#addressEvent(one.dev, one.ip, false));
  }

  #addressEvent(ifname: string, ip: string, gone: boolean): KernelEvent {
    const family = ip.includes(":") ? 6 : 4;
    const there = this.ip6.addresses.find((a) => a.dev === ifname && a.ip === ip);
    const { length = 128, flags = [] } = there ?? {};
    const made = flags.includes("dynamic");
    return { kind: "address", ifname, family, ip, length, made, gone, state: stateOf(flags) };
  }

  async ipJson(args: readonly string[]): Promise<unknown> {
    this.started.ipJson++;
    return this.#as("ip-failed", `ip ${args.join(" ")}`, () => structuredClone(printIp(this.ip, args)));
  }

  async ipShow(
    family: 4 | 6 | "both",
    commands: readonly (readonly string[])[],
  ): Promise<readonly unknown[]> {
    this.started.ipShow++;
    const print = {
      4: (command: readonly string[]) => printIp(this.ip, command),
      6: (command: readonly string[]) => printIp6(this.ip6, command),
      both: (command: readonly string[]) => this.#printBoth(command),
    }[family];
    const option = family === "both" ? "" : `-${family} `;
    return commands.map((command) =>
      this.#as("ip-failed", `ip ${option}${command.join(" ")}`, () => structuredClone(print(command))),
    );
  }

  #printBoth(command: readonly string[]): unknown {
    if (command[0] !== "address") return printIp(this.ip, command);
    const [four, six] = [printIp(this.ip, command), printIp6(this.ip6, command)] as unknown as ShownLink[][];
    return four?.map((link) => {
      const more = six?.find(({ ifname }) => ifname === link.ifname)?.addr_info ?? [];
      return { ...link, addr_info: [...(link.addr_info ?? []), ...more] };
    });
  }

  async ipAddresses6(ifnames: readonly string[]): Promise<readonly unknown[]> {
    this.started.ipShow++;
    const there = ifnames.filter((ifname) => this.ip.links.has(ifname));
    return there.flatMap((ifname) => {
      const command = ["address", "show", "dev", ifname];
      const print = () => structuredClone(printIp6(this.ip6, command)) as unknown[];
      return this.#as("ip-failed", `ip -6 ${command.join(" ")}`, print);
    });
  }

  async carriers(ifnames: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const links = ifnames.flatMap((ifname) => {
      const link = this.ip.links.get(ifname);
      return link ? [[ifname, link.up && link.carrier] as const] : [];
    });
    return new Map(links);
  }

  async nft(script: string): Promise<void> {
    this.started.nft++;
    this.#races.shift()?.();
    this.#as("nft-failed", script, () => this.tables.run(script));
    this.done.push(`nft ${script}`);
  }

  async nftJson(args: readonly string[]): Promise<unknown> {
    this.started.nftJson++;
    const [list, table, family, name] = args;
    if (list !== "list" || table !== "table") throw new Error(`the fake kernel does not know: nft ${args}`);
    return this.#as("nft-failed", `nft ${args.join(" ")}`, () => this.tables.print(`${family} ${name}`));
  }

  async readSysctl(key: string): Promise<string | undefined> {
    return this.sysctls.get(key);
  }

  async writeSysctl(key: string, value: string): Promise<void> {
    this.#as("sysctl-failed", `sysctl ${key}`, () => {
      if (!this.sysctls.has(key)) throw new Refused(`/proc/sys/${key}: No such file or directory`);
      this.sysctls.set(key, value);
      const [, withoutIpv6] = /^net\/ipv6\/conf\/([^/]+)\/disable_ipv6$/.exec(key) ?? [];
      if (withoutIpv6 && value === "1") this.ip6.linkState(withoutIpv6, false);
    });
    this.done.push(`sysctl ${key} = ${value}`);
  }

  #as<T>(code: string, text: string, task: () => T): T {
    try {
      this.#meet(text);
      return task();
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      throw new GatewayError(code, "kernel", thrown.message);
    }
  }

  watch(_tables: unknown, onEvent: (event: KernelEvent) => void): { stop(): Promise<void> } {
    this.#watchers.add(onEvent);
    return {
      stop: async () => {
        this.#watchers.delete(onEvent);
      },
    };
  }

  tell(event: KernelEvent): void {
    for (const onEvent of this.#watchers) onEvent(event);
  }

  /** Everything, for comparisons. */
  dump(): object {
    const { links, addresses, routes, rules, neighbours } = this.ip;
    const v6 = this.ip6;
    const sorted = <T>(items: readonly T[]): T[] =>
      [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return structuredClone({
      links: sorted([...links.values()]),
      addresses: sorted(addresses),
      routes: sorted(routes),
      rules: sorted(rules),
      neighbours: sorted(neighbours),
      ipv6: [v6.addresses, v6.routes, v6.rules, v6.neighbours].map((list: readonly object[]) => sorted(list)),
      // The filter of broadcasts and the short way are no state: each whole pass makes them anew.
      tables: this.tables.tables
        .filter((name) => !/_(heard|short)$/.test(name))
        .map((name) => [name, this.tables.print(name)]),
      settings: sorted([...this.sysctls]),
    });
  }
}

/** What the kernel tells of a route or a rule that was changed by this line. */
function wayEvent(change: "route" | "rule", line: string, gone: boolean): KernelEvent {
  const words = line.split(" ");
  const after = (word: string): string => words[words.indexOf(word) + 1] ?? "";
  if (change === "rule") return { kind: "rule", preference: Number(after("pref")), gone };
  const [destination = "", table] = [words[2], after("table")];
  const from = words.includes("from") ? after("from").replace("/128", "") : "";
  const key = destination.includes(":")
    ? `route6 ${table} ${destination} ${from}`
    : `route ${table} ${destination}`;
  return { kind: "route", ifname: after("dev"), key, gone };
}
