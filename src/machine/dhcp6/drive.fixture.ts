/** Runs the machine on a fake clock and writes down what it did as lines of "seconds what". For tests. */
import { type Ip6, parseIp6 } from "../../base/ip6.ts";
import { type Mac, parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import type { Rng } from "../../base/rng.ts";
import { type Instant, instant, millis, never, plus, seconds } from "../../base/time.ts";
import { duidLl, iaidOf } from "../../wire/dhcp6/duid.ts";
import {
  type Dhcp6Message,
  type Dhcp6Options,
  type IaAddress,
  type IaNa,
  type Status,
  statusCodes,
} from "../../wire/dhcp6/message.ts";
import { describe } from "./describe.fixture.ts";
import type { Dhcp6Effect, Dhcp6Env, Dhcp6Input, Dhcp6Mode, Dhcp6Settings } from "./interface.ts";
import type { Lease6 } from "./lease.ts";
import { type Dhcp6State, initialState6, step } from "./step.ts";

export const ip = (text: string): Ip6 => must(parseIp6(text));
export const mac = (text: string): Mac => must(parseMac(text));
export const device = mac("00:11:22:33:44:55");
/** The addresses that servers of these tests hand out. */
export const a = ip("2001:db8::a");
export const b = ip("2001:db8::b");
/** Server number `n`; its lines say "to s<n>". */
export const server = (n: number): Uint8Array => Uint8Array.of(0, 3, 0, 1, 0, 0xaa, 0, 0, 0, n);

/** Every random choice falls within a millionth of `at` of its range, so jitter vanishes and tables are round; exchanges still differ. */
const steady = (at: number): Rng => {
  let drawn = 0;
  return { uint32: () => Math.min(2 ** 32 - 1, Math.floor(at * 2 ** 32) + (drawn++ % 1000)) };
};
export const middle = (): Rng => steady(0.5);
export const lowest = (): Rng => steady(0);
export const highest = (): Rng => {
  let drawn = 0;
  return { uint32: () => 2 ** 32 - 1 - (drawn++ % 1000) };
};

export const settings: Dhcp6Settings = {
  timeout: seconds(10),
  retries: 3,
  retryDelay: seconds(5),
  failedRetry: seconds(300),
};

export const makeEnv = (over: Partial<Dhcp6Env> = {}): Dhcp6Env => ({
  mac: device,
  settings,
  rng: middle(),
  refuse: () => undefined,
  ...over,
});

export const status = (name: keyof typeof statusCodes, text = ""): Status => ({
  code: statusCodes[name],
  text,
});
export const address = (text: string, over: Partial<IaAddress> = {}): IaAddress => ({
  address: ip(text),
  preferred: 1000,
  valid: 2000,
  ...over,
});
export const ia = (over: Partial<IaNa> = {}): IaNa => ({
  iaid: iaidOf(device),
  t1: 500,
  t2: 800,
  addresses: [address(a)],
  ...over,
});

/** An answer of server 1 to `to`, with what every answer holds. */
export const answer = (
  type: Dhcp6Message["type"],
  to: Dhcp6Message,
  options: Dhcp6Options = {},
): Dhcp6Message => ({
  type,
  xid: to.xid,
  options: { clientId: duidLl(device), serverId: server(1), ...options },
  unknown: [],
  malformed: [],
});
export const advertise = (to: Dhcp6Message, over: Dhcp6Options = {}): Dhcp6Message =>
  answer("advertise", to, { iaNa: [ia()], ...over });
export const reply = (to: Dhcp6Message, over: Dhcp6Options = {}): Dhcp6Message =>
  answer("reply", to, { iaNa: [ia()], ...over });

/** What comes back for a message the client sent, each 10 ms later. */
export type Server = (sent: Dhcp6Message) => readonly Dhcp6Message[];
export const silent: Server = () => [];
/** An ordinary server without rapid commit; `over` goes into its ADVERTISEs and REPLYs. */
export const serving =
  (over: Dhcp6Options = {}): Server =>
  (sent) => {
    switch (sent.type) {
      case "solicit":
        return [advertise(sent, over)];
      case "request":
      case "renew":
      case "rebind":
        return [reply(sent, over)];
      case "confirm":
      case "release":
      case "decline":
        return [answer("reply", sent, { status: status("success") })];
      default:
        return [answer("reply", sent, over)];
    }
  };
/** One that commits at once. */
export const committing =
  (over: Dhcp6Options = {}): Server =>
  (sent) =>
    sent.type === "solicit" ? [reply(sent, { rapidCommit: true, ...over })] : serving(over)(sent);

export const aLease = (over: Partial<Lease6> = {}): Lease6 => ({
  addresses: [{ address: a, preferredUntil: instant(1_000_000), validUntil: instant(2_000_000) }],
  dnsServers: [],
  domainSearch: [],
  ntpServers: [],
  serverId: server(1),
  acquiredAt: instant(0),
  renewAt: instant(500_000),
  rebindAt: instant(800_000),
  ...over,
});

export class Drive {
  state: Dhcp6State = initialState6;
  now = instant(0);
  wakeAt: Instant = never;
  effects: Dhcp6Effect[] = [];
  server: Server = silent;
  #lines: string[] = [];
  #coming: { readonly at: Instant; readonly input: Dhcp6Input }[] = [];

  constructor(readonly env: Dhcp6Env = makeEnv()) {}

  get tag(): Dhcp6State["main"]["tag"] {
    return this.state.main.tag;
  }

  /** Gives `input` to the machine now. */
  put(input: Dhcp6Input): this {
    const result = step(this.state, input, this.now, this.env);
    this.state = result.state;
    this.wakeAt = result.wakeAt;
    for (const effect of result.effects) this.#record(effect);
    return this;
  }

  message(message: Dhcp6Message): this {
    return this.put({ kind: "message", message });
  }

  dad(of: Ip6, duplicate = true): this {
    return this.put({ kind: "dad", address: of, duplicate });
  }

  start(stored?: Lease6, mode: Dhcp6Mode = "stateful"): this {
    return this.put(stored === undefined ? { kind: "start", mode } : { kind: "start", mode, stored });
  }

  /** Lets time pass up to `secs` on the clock, waking the machine and delivering answers when they are due. */
  until(secs: number): this {
    const end = instant(secs * 1000);
    for (let steps = 0; ; steps++) {
      if (steps > 100_000) throw new Error(`busy loop at ${this.now} while ${this.tag}`);
      const [next] = this.#coming;
      const at = Math.min(next?.at ?? never, this.wakeAt);
      if (at > end) break;
      this.now = instant(Math.max(at, this.now));
      if (next !== undefined && next.at <= this.wakeAt) {
        this.#coming.shift();
        this.put(next.input);
      } else {
        this.put({ kind: "timer" });
        if (this.wakeAt <= this.now) throw new Error(`wakes at once again while ${this.tag}`);
      }
    }
    this.now = end;
    return this;
  }

  /** The lines written since the last call. */
  lines(): string[] {
    const taken = this.#lines;
    this.#lines = [];
    return taken;
  }

  /** The moments, in seconds, of the messages of one type since the last call. */
  times(type: string): string[] {
    return this.lines().flatMap((line) => {
      const [at, what] = line.split(" ");
      return what === type ? [at ?? ""] : [];
    });
  }

  /** The messages of all sends so far. */
  get sent(): Dhcp6Message[] {
    return this.effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  }

  get lastSent(): Dhcp6Message {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last;
  }

  #record(effect: Dhcp6Effect): void {
    this.effects.push(effect);
    this.#lines.push(`${(this.now / 1000).toFixed(3)} ${describe(effect)}`);
    if (effect.kind !== "send") return;
    const at = plus(this.now, millis(10));
    for (const message of this.server(effect.message))
      this.#coming.push({ at, input: { kind: "message", message } });
  }
}
