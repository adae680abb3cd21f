/** Any row of inputs, sensible or not, against a small model of what must hold. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyIp4, type Ip4 } from "../../base/ip4.ts";
import { seededRng } from "../../base/rng.ts";
import { instant, millis, plus, seconds } from "../../base/time.ts";
import type { Dhcp4Message, Dhcp4Options } from "../../wire/dhcp4/message.ts";
import { aLease, arp, device, ip, makeEnv, reply, router, stranger } from "./drive.fixture.ts";
import type { Dhcp4Effect, Dhcp4Input } from "./interface.ts";
import { type Dhcp4State, heldLease, initialState, step } from "./step.ts";

const address = fc.constantFrom(
  ...["192.0.2.10", "192.0.2.11", "192.168.1.5", "0.0.0.0", "224.0.0.1"].map(ip),
);
const leaseTime = fc.option(fc.constantFrom(0, 1, 2, 20, 3600, 0xffffffff), { nil: undefined, freq: 8 });
const times = fc.option(fc.constantFrom(0, 1, 10, 4000), { nil: undefined });

interface ReplyPlan {
  readonly type: "offer" | "ack" | "nak" | "inform" | undefined;
  readonly yiaddr: Ip4;
  readonly server: Ip4 | undefined;
  readonly lease: number | undefined;
  readonly t1: number | undefined;
  readonly t2: number | undefined;
  readonly v6Only: number | undefined;
  readonly spoil: "nothing" | "xid" | "chaddr" | "op" | "clientId";
  /** Which of the messages sent so far it answers, counted from the last. */
  readonly back: number;
}
type Move =
  | { readonly kind: "reply"; readonly plan: ReplyPlan }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "wake" }
  | { readonly kind: "input"; readonly input: Dhcp4Input };

/** The reply that goes with the last message is drawn more often than chance would, so that walks get somewhere. */
const plan: fc.Arbitrary<ReplyPlan> = fc.record({
  type: fc.constantFrom("offer", "ack", "ack", "nak", "inform", undefined),
  yiaddr: fc.oneof(
    { weight: 5, arbitrary: fc.constant(ip("192.0.2.10")) },
    { weight: 1, arbitrary: address },
  ),
  server: fc.oneof(
    { weight: 6, arbitrary: fc.constant(ip("192.0.2.1")) },
    { weight: 1, arbitrary: fc.constantFrom(ip("192.0.2.2"), anyIp4, undefined) },
  ),
  lease: leaseTime,
  t1: times,
  t2: times,
  v6Only: fc.option(fc.constantFrom(0, 600, 0xffffffff), { nil: undefined, freq: 4 }),
  spoil: fc.constantFrom("nothing", "nothing", "nothing", "nothing", "xid", "chaddr", "op", "clientId"),
  back: fc.constantFrom(0, 0, 0, 1, 2),
});
const good = (type: "offer" | "ack"): fc.Arbitrary<ReplyPlan> =>
  leaseTime.map((lease) => ({
    type,
    yiaddr: ip("192.0.2.10"),
    server: ip("192.0.2.1"),
    lease: lease ?? 60,
    t1: undefined,
    t2: undefined,
    v6Only: undefined,
    spoil: "nothing",
    back: 0,
  }));
const stored = fc
  .integer({ min: -1000, max: 5_000_000 })
  .map((end) =>
    aLease({ renewAt: instant(end / 2), rebindAt: instant(end * 0.875), expiresAt: instant(end) }),
  );
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.oneof(good("offer"), good("ack"), plan).map((p): Move => ({ kind: "reply", plan: p })),
  },
  { weight: 6, arbitrary: fc.constant<Move>({ kind: "wake" }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5_000_000 }).map((ms): Move => ({ kind: "wait", ms })) },
  {
    weight: 2,
    arbitrary: fc
      .oneof(
        fc.constant<Dhcp4Input>({ kind: "start" }),
        stored.map((lease): Dhcp4Input => ({ kind: "start", stored: lease })),
        fc.constantFrom<Dhcp4Input>(
          { kind: "timer" },
          { kind: "link-changed" },
          { kind: "moved" },
          { kind: "retry" },
          { kind: "release" },
        ),
        fc.tuple(address, fc.constantFrom(stranger, device), address).map(([a, m, b]) => arp(a, m, b)),
      )
      .map((input): Move => ({ kind: "input", input })),
  },
);

function replyFor(p: ReplyPlan, sent: readonly Dhcp4Message[]): Dhcp4Message | undefined {
  const to = sent.at(-1 - p.back);
  if (to === undefined) return undefined;
  const options: Dhcp4Options = {
    ...(p.type === undefined ? {} : { messageType: p.type }),
    ...(p.server === undefined ? {} : { serverId: p.server }),
    ...(p.lease === undefined ? {} : { leaseTime: p.lease }),
    ...(p.t1 === undefined ? {} : { renewalTime: p.t1 }),
    ...(p.t2 === undefined ? {} : { rebindingTime: p.t2 }),
    ...(p.v6Only === undefined ? {} : { v6OnlyPreferred: p.v6Only }),
    ...(p.spoil === "clientId" ? { clientId: Uint8Array.of(0) } : {}),
  };
  const message = reply(to, p.yiaddr, options);
  if (p.spoil === "xid") return { ...message, xid: message.xid ^ 1 };
  if (p.spoil === "chaddr") return { ...message, chaddr: stranger };
  return p.spoil === "op" ? { ...message, op: "request" } : message;
}

/** The outside world as it follows from the effects alone. */
class Shadow {
  configured: Ip4 | undefined;
  readonly grants = new Set<Ip4>();
  readonly sent: Dhcp4Message[] = [];

  see(input: Dhcp4Input): void {
    if (input.kind === "start" && input.stored) this.grants.add(input.stored.address);
    if (input.kind === "message" && input.message.options.messageType === "ack")
      this.grants.add(input.message.yiaddr);
  }

  apply(effect: Dhcp4Effect): void {
    switch (effect.kind) {
      case "configure":
        expect(this.grants).toContain(effect.lease.address);
        expect(this.configured ?? effect.lease.address).toBe(effect.lease.address);
        this.configured = effect.lease.address;
        break;
      case "deconfigure":
        expect(this.configured).toBe(effect.address);
        this.configured = undefined;
        break;
      case "send":
        if (effect.to.kind === "unicast") expect(effect.message.ciaddr).toBe(effect.to.source);
        this.sent.push(effect.message);
        break;
      case "arp-probe":
        expect(this.configured).toBeUndefined();
        break;
      case "arp-announce":
        expect(this.configured).toBe(effect.ip);
        break;
      case "event":
        break;
    }
  }
}

const reached = new Map<Dhcp4State["tag"], number>();

test("no row of inputs throws, spins, or configures what was not granted", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(move, { minLength: 10, maxLength: 80 }), (seed, moves) => {
      const env = makeEnv({
        rng: seededRng(seed),
        v6Only: seed % 2 === 0,
        refuse: (a) => (a === ip("192.168.1.5") ? "it lies inside our LAN" : undefined),
      });
      const shadow = new Shadow();
      let state = initialState;
      let now = instant(0);
      let wakeAt = now;
      const give = (input: Dhcp4Input) => {
        shadow.see(input);
        const early = input.kind === "timer" && now < wakeAt;
        const result = step(state, input, now, env);
        if (early) expect(result).toEqual({ state, effects: [], wakeAt });
        for (const effect of result.effects) shadow.apply(effect);
        ({ state, wakeAt } = result);
        reached.set(state.tag, (reached.get(state.tag) ?? 0) + 1);
        if (input.kind === "timer") expect(wakeAt).toBeGreaterThan(now);
        expect(heldLease(state)?.address).toBe(shadow.configured);
        const lease = heldLease(state);
        if (lease) expect(wakeAt).toBeLessThanOrEqual(Math.max(now, lease.expiresAt));
      };
      give({ kind: "start" });
      for (const m of moves) {
        now = plus(now, millis(3));
        if (m.kind === "input") give(m.input);
        if (m.kind === "wait") now = plus(now, millis(m.ms));
        if (m.kind === "wake") {
          if (Number.isFinite(wakeAt)) now = instant(Math.max(now, wakeAt));
          give({ kind: "timer" });
        }
        const message = m.kind === "reply" ? replyFor(m.plan, shadow.sent) : undefined;
        if (message) give({ kind: "message", message, sourceIp: ip("192.0.2.1"), sourceMac: router });
      }
    }),
    { numRuns: 3000 },
  );
});

test("the walk came through every state", () => {
  expect([...reached.keys()].sort()).toEqual([
    "announcing",
    "bound",
    "failed",
    "probing",
    "rebinding",
    "rebooting",
    "renewing",
    "requesting",
    "resting",
    "selecting",
    "stopped",
    "waiting",
  ]);
  for (const count of reached.values()) expect(count).toBeGreaterThan(50);
});

test("left alone, no state sends more than two packets a second for long", () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(1, 2, 5, 20), (seed, lease) => {
      const env = makeEnv({ rng: seededRng(seed) });
      let result = step(initialState, { kind: "start" }, instant(0), env);
      let now = instant(0);
      let sends = 0;
      const end = seconds(120);
      while (now < end) {
        const asked = result.effects.flatMap((e) => (e.kind === "send" ? [e.message] : []));
        sends += asked.length;
        const last = asked.at(-1);
        if (last) {
          const type = last.options.messageType === "discover" ? "offer" : "ack";
          const message = reply(last, ip("192.0.2.10"), {
            messageType: type,
            serverId: ip("192.0.2.1"),
            leaseTime: lease,
          });
          now = plus(now, millis(1));
          result = step(
            result.state,
            { kind: "message", message, sourceIp: anyIp4, sourceMac: router },
            now,
            env,
          );
        } else {
          now = instant(Math.max(now, result.wakeAt));
          result = step(result.state, { kind: "timer" }, now, env);
        }
      }
      expect(sends).toBeLessThanOrEqual(250);
    }),
    { numRuns: 20 },
  );
});
