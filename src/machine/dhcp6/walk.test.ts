/** Any row of inputs, sensible or not, against a small model of what must hold. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { later, move, refused, replyFor } from "../../../test/support/dhcp6-moves.ts";
import type { Ip6 } from "../../base/ip6.ts";
import { seededRng } from "../../base/rng.ts";
import { type Instant, instant, millis, plus, seconds } from "../../base/time.ts";
import { duidLl, iaidOf } from "../../wire/dhcp6/duid.ts";
import type { Dhcp6Message } from "../../wire/dhcp6/message.ts";
import { a, address, answer, device, makeEnv, settings } from "./drive.fixture.ts";
import type { Dhcp6Effect, Dhcp6Input } from "./interface.ts";
import type { Lease6 } from "./lease.ts";
import type { Main } from "./state.ts";
import { type Dhcp6State, heldLease6, initialState6, step } from "./step.ts";

/** The outside world as it follows from the effects alone. */
class Shadow {
  configured: Lease6 | undefined;
  readonly named = new Set<Ip6>();
  readonly sent: Dhcp6Message[] = [];

  see(input: Dhcp6Input): void {
    if (input.kind === "start") for (const it of input.stored?.addresses ?? []) this.named.add(it.address);
    if (input.kind === "message" && input.message.type === "reply")
      for (const ia of input.message.options.iaNa ?? [])
        for (const it of ia.addresses) this.named.add(it.address);
  }

  apply(effect: Dhcp6Effect, now: Instant): void {
    switch (effect.kind) {
      case "configure":
        this.#configure(effect.lease, now);
        break;
      case "deconfigure":
        expect(this.configured).toBeDefined();
        this.configured = undefined;
        break;
      case "send":
        checkMessage(effect.message, this.configured);
        this.sent.push(effect.message);
        break;
      case "information":
      case "event":
        break;
    }
  }

  #configure(lease: Lease6, now: Instant): void {
    const addresses = lease.addresses.map((it) => it.address);
    expect(addresses.length).toBeGreaterThan(0);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const it of lease.addresses) {
      expect(it.validUntil).toBeGreaterThan(now);
      expect(it.preferredUntil).toBeLessThanOrEqual(it.validUntil);
      expect(this.named).toContain(it.address);
      expect([refused, "fe80::a", "::"]).not.toContain(it.address);
    }
    expect(lease.renewAt).toBeLessThanOrEqual(lease.rebindAt);
    this.configured = lease;
  }
}

const withServer = ["request", "renew", "release", "decline"];
const aboutAddresses = [...withServer, "confirm", "rebind"];

function checkMessage({ type, xid, options }: Dhcp6Message, configured: Lease6 | undefined): void {
  expect(xid).toBe(xid & 0xffffff);
  expect(options.clientId).toEqual(duidLl(device));
  expect(options.elapsed).toSatisfy((e: number) => Number.isInteger(e) && e >= 0 && e <= 65535);
  expect(options.serverId !== undefined).toBe(withServer.includes(type));
  expect(options.rapidCommit !== undefined).toBe(type === "solicit");
  const addresses = (options.iaNa ?? []).flatMap((ia) => ia.addresses.map((it) => it.address));
  expect(addresses.length > 0).toBe(aboutAddresses.includes(type));
  expect((options.iaNa ?? []).every((ia) => ia.iaid === iaidOf(device))).toBe(true);
  const held = configured?.addresses.map((it) => it.address) ?? [];
  if (["confirm", "renew", "rebind"].includes(type)) expect(addresses).toEqual(held);
}

/** What was given up is no more in use when its server is told. */
function checkErrands(effects: readonly Dhcp6Effect[], state: Dhcp6State): void {
  const held = heldLease6(state)?.addresses.map((it) => it.address) ?? [];
  for (const effect of effects)
    if (effect.kind === "send" && effect.message.type === "decline")
      for (const it of effect.message.options.iaNa?.[0]?.addresses ?? [])
        expect(held).not.toContain(it.address);
}

const reached = new Map<Main["tag"], number>();

class Walk {
  readonly shadow = new Shadow();
  state = initialState6;
  now = instant(0);
  wakeAt = this.now;
  constructor(readonly env = makeEnv()) {}

  give(input: Dhcp6Input): void {
    const { shadow, now } = this;
    shadow.see(input);
    const early = input.kind === "timer" && now < this.wakeAt;
    const result = step(this.state, input, now, this.env);
    if (early) expect(result).toEqual({ state: this.state, effects: [], wakeAt: this.wakeAt });
    for (const effect of result.effects) shadow.apply(effect, now);
    if (input.kind === "dad" && input.duplicate) checkErrands(result.effects, result.state);
    if (input.kind === "moved") expect(result.state.errands).toEqual([]);
    this.state = result.state;
    this.wakeAt = result.wakeAt;
    reached.set(this.state.main.tag, (reached.get(this.state.main.tag) ?? 0) + 1);
    this.#check(input);
  }

  #check(input: Dhcp6Input): void {
    const lease = heldLease6(this.state);
    expect(lease).toEqual(this.shadow.configured);
    if (input.kind === "timer") expect(this.wakeAt).toBeGreaterThan(this.now);
    for (const it of lease?.addresses ?? []) {
      expect(this.wakeAt).toBeLessThanOrEqual(Math.max(this.now, it.validUntil));
      if (input.kind === "timer") expect(it.validUntil).toBeGreaterThan(this.now);
    }
  }
}

test("no row of inputs throws, spins, or configures what was not granted or has ended", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(move, { minLength: 10, maxLength: 80 }), (seed, moves) => {
      const refuse = (at: Ip6) => (at === refused ? "held by another identity" : undefined);
      const walk = new Walk(makeEnv({ rng: seededRng(seed), refuse, settings: { ...settings, retries: 2 } }));
      walk.give({ kind: "start", mode: "stateful" });
      for (const m of moves) {
        walk.now = plus(walk.now, millis(3));
        if (m.kind === "input") walk.give(m.input);
        if (m.kind === "wait") walk.now = plus(walk.now, millis(m.ms));
        if (m.kind === "wake") {
          walk.now = later(walk.now, walk.wakeAt);
          walk.give({ kind: "timer" });
        }
        const message = m.kind === "reply" ? replyFor(m.plan, walk.shadow.sent) : undefined;
        if (message) walk.give({ kind: "message", message });
      }
    }),
    { numRuns: 1500 },
  );
});

test("the walk came through every state", () => {
  expect([...reached.keys()].sort()).toEqual([
    "asking",
    "bound",
    "confirming",
    "failed",
    "informed",
    "rebinding",
    "reclaiming",
    "renewing",
    "requesting",
    "soliciting",
    "stopped",
    "waiting",
  ]);
  for (const count of reached.values()) expect(count).toBeGreaterThan(50);
});

/** Sends of two minutes against a server that answers everything with these lifetimes and T1, or with this status. */
function sendsAgainst(seed: number, valid: number, t1: number, code: number): number {
  const env = makeEnv({ rng: seededRng(seed) });
  let now = instant(0);
  let result = step(initialState6, { kind: "start", mode: "stateful" }, now, env);
  let sends = 0;
  while (now < seconds(120)) {
    const [to] = result.effects.flatMap((e) => (e.kind === "send" ? [e.message] : []));
    if (to === undefined) {
      now = later(now, result.wakeAt);
      result = step(result.state, { kind: "timer" }, now, env);
      continue;
    }
    sends++;
    now = plus(now, millis(1));
    const addresses = [address(a, { preferred: valid, valid })];
    const message = answer(to.type === "solicit" ? "advertise" : "reply", to, {
      preference: 255,
      iaNa: [{ iaid: iaidOf(device), t1, t2: t1, addresses }],
      ...(to.type === "solicit" ? {} : { status: { code, text: "" } }),
    });
    result = step(result.state, { kind: "message", message }, now, env);
  }
  return sends;
}

test("no server makes a client send more than two packets a second for long", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(1, 2, 5, 20, 3600),
      fc.constantFrom(0, 1, 3, 0xffffffff),
      fc.integer({ min: 0, max: 6 }),
      (seed, valid, t1, code) => {
        expect(sendsAgainst(seed, valid, t1, code)).toBeLessThanOrEqual(250);
      },
    ),
    { numRuns: 60 },
  );
});
