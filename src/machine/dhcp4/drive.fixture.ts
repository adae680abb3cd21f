/** Runs the machine on a fake clock and writes down what it did as lines of "seconds what". For tests. */
import { anyIp4, type Ip4, parseIp4 } from "../../base/ip4.ts";
import { type Mac, parseMac } from "../../base/mac.ts";
import { must } from "../../base/parsed.ts";
import type { Rng } from "../../base/rng.ts";
import { type Instant, instant, millis, never, seconds } from "../../base/time.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../wire/dhcp4/message.ts";
import type { Dhcp4Effect, Dhcp4Env, Dhcp4Event, Dhcp4Input, Dhcp4Settings } from "./interface.ts";
import type { Lease4 } from "./lease.ts";
import { type Dhcp4State, initialState, step } from "./step.ts";

export const ip = (text: string): Ip4 => must(parseIp4(text));
export const mac = (text: string): Mac => must(parseMac(text));
export const device = mac("00:11:22:33:44:55");
export const router = mac("00:aa:aa:aa:aa:01");
export const stranger = mac("00:bb:bb:bb:bb:02");

/** Every random choice falls on the middle of its range, so jitter vanishes and tables are round. */
export const middle: Rng = { uint32: () => 2 ** 31 };
export const lowest: Rng = { uint32: () => 0 };
export const highest: Rng = { uint32: () => 2 ** 32 - 1 };

export const settings: Dhcp4Settings = {
  timeout: seconds(15),
  retries: 3,
  retryDelay: seconds(5),
  failedRetry: seconds(300),
};

export const makeEnv = (over: Partial<Dhcp4Env> = {}): Dhcp4Env => ({
  mac: device,
  fingerprint: {},
  settings,
  rng: middle,
  v6Only: false,
  refuse: () => undefined,
  ...over,
});

/** A reply to `to`, with the fields a server copies. */
export const reply = (to: Dhcp4Message, yiaddr: Ip4, options: Dhcp4Options): Dhcp4Message => ({
  ...to,
  op: "reply",
  secs: 0,
  yiaddr,
  options,
});

const granted: Dhcp4Options = { serverId: ip("192.0.2.1"), leaseTime: 3600, subnetMask: ip("255.255.255.0") };
export const offer = (to: Dhcp4Message, over: Dhcp4Options = {}, address = "192.0.2.10"): Dhcp4Message =>
  reply(to, ip(address), { ...granted, messageType: "offer", ...over });
export const ack = (to: Dhcp4Message, over: Dhcp4Options = {}, address = "192.0.2.10"): Dhcp4Message =>
  reply(to, ip(address), { ...granted, messageType: "ack", ...over });
export const nak = (to: Dhcp4Message, over: Dhcp4Options = {}): Dhcp4Message =>
  reply(to, anyIp4, { serverId: ip("192.0.2.1"), messageType: "nak", ...over });

/** What comes back for a message the client sent, each 10 ms later. */
export type Server = (sent: Dhcp4Message) => readonly Dhcp4Message[];
export const silent: Server = () => [];
/** An ordinary server; `over` goes into its OFFERs and ACKs. */
export const serving =
  (over: Dhcp4Options = {}, address = "192.0.2.10"): Server =>
  (sent) => {
    if (sent.options.messageType === "discover") return [offer(sent, over, address)];
    return sent.options.messageType === "request" ? [ack(sent, over, address)] : [];
  };

export const aLease = (over: Partial<Lease4> = {}): Lease4 => ({
  address: ip("192.0.2.10"),
  prefixLength: 24,
  routes: [],
  dnsServers: [],
  ntpServers: [],
  domainSearch: [],
  serverId: ip("192.0.2.1"),
  serverMac: router,
  acquiredAt: instant(0),
  renewAt: instant(1_800_000),
  rebindAt: instant(3_150_000),
  expiresAt: instant(3_600_000),
  ...over,
});

export const arp = (senderIp: string, senderMac = stranger, targetIp = "192.0.2.10"): Dhcp4Input => ({
  kind: "arp",
  senderIp: ip(senderIp),
  senderMac,
  targetIp: ip(targetIp),
});

export class Drive {
  state: Dhcp4State = initialState;
  now = instant(0);
  wakeAt: Instant = never;
  effects: Dhcp4Effect[] = [];
  server: Server = silent;
  #lines: string[] = [];
  #coming: { readonly at: Instant; readonly input: Dhcp4Input }[] = [];

  constructor(readonly env: Dhcp4Env = makeEnv()) {}

  /** Gives `input` to the machine now. */
  put(input: Dhcp4Input): this {
    const result = step(this.state, input, this.now, this.env);
    this.state = result.state;
    this.wakeAt = result.wakeAt;
    for (const effect of result.effects) this.#record(effect);
    return this;
  }

  message(message: Dhcp4Message, sourceMac = router): this {
    return this.put({ kind: "message", message, sourceIp: ip("192.0.2.1"), sourceMac });
  }

  start(stored?: Lease4): this {
    return this.put(stored === undefined ? { kind: "start" } : { kind: "start", stored });
  }

  /** Lets time pass up to `secs` on the clock, waking the machine and delivering replies when they are due. */
  until(secs: number): this {
    const end = instant(secs * 1000);
    for (let steps = 0; ; steps++) {
      if (steps > 100_000) throw new Error(`busy loop at ${this.now} in ${this.state.tag}`);
      const [next] = this.#coming;
      const at = Math.min(next?.at ?? never, this.wakeAt);
      if (at > end) break;
      this.now = instant(Math.max(at, this.now));
      if (next !== undefined && next.at <= this.wakeAt) {
        this.#coming.shift();
        this.put(next.input);
      } else {
        this.put({ kind: "timer" });
        if (this.wakeAt <= this.now) throw new Error(`wakes at once again in ${this.state.tag}`);
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

  /** The messages of all sends so far. */
  get sent(): Dhcp4Message[] {
    return this.effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  }

  get lastSent(): Dhcp4Message {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last;
  }

  #record(effect: Dhcp4Effect): void {
    this.effects.push(effect);
    this.#lines.push(`${(this.now / 1000).toFixed(3)} ${describe(effect)}`);
    if (effect.kind !== "send") return;
    const at = instant(this.now + millis(10));
    for (const message of this.server(effect.message))
      this.#coming.push({
        at,
        input: { kind: "message", message, sourceIp: ip("192.0.2.1"), sourceMac: router },
      });
  }
}

function describe(effect: Dhcp4Effect): string {
  switch (effect.kind) {
    case "send": {
      const m = effect.message;
      return [
        `${(m.options.messageType ?? "?").toUpperCase()}`,
        effect.to.kind === "unicast" ? `to ${effect.to.ip}` : "to all",
        `secs=${m.secs}`,
        ...(m.broadcast ? ["flag"] : []),
        ...(m.ciaddr === anyIp4 ? [] : [`ciaddr=${m.ciaddr}`]),
        ...(m.options.requestedAddress ? [`ip=${m.options.requestedAddress}`] : []),
        ...(m.options.serverId ? [`server=${m.options.serverId}`] : []),
      ].join(" ");
    }
    case "arp-probe":
    case "arp-announce":
      return `${effect.kind} ${effect.ip}`;
    case "configure":
      return `configure ${effect.lease.address}/${effect.lease.prefixLength} to ${effect.lease.expiresAt / 1000}`;
    case "deconfigure":
      return `deconfigure ${effect.address}`;
    case "event":
      return `* ${describeEvent(effect.event)}`;
  }
}

function describeEvent(event: Dhcp4Event): string {
  switch (event.kind) {
    case "requesting":
      return `${event.how} ${event.attempt}/${event.of}`;
    case "attempt-failed":
      return `attempt ${event.attempt}/${event.of} failed: ${event.reason}`;
    case "obtained":
    case "renewed":
      return `${event.kind} ${event.lease.address} by ${event.how}`;
    case "lost":
      return `lost ${event.address}: ${event.reason}`;
    case "conflict":
      return `conflict over ${event.address} with ${event.with}`;
    case "ignored":
      return `ignored: ${event.reason}`;
    case "failed":
      return `failed: ${event.reason}`;
    case "released":
      return `released ${event.address}`;
    case "resting":
      return `resting to ${event.until / 1000}`;
  }
}
