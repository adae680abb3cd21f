/** Moves of a random walk through the DHCPv6 machine: answers, right and wrong, commands, time. For tests. */
import fc from "fast-check";
import { type Instant, instant } from "../../src/base/time.ts";
import { a, address, aLease, answer, b, device, ip, server } from "../../src/machine/dhcp6/drive.fixture.ts";
import type { Dhcp6Input } from "../../src/machine/dhcp6/interface.ts";
import { iaidOf } from "../../src/wire/dhcp6/duid.ts";
import type { Dhcp6Message, Dhcp6Options, IaAddress, IaNa } from "../../src/wire/dhcp6/message.ts";

export const refused = ip("2001:db8::bad");

export interface ReplyPlan {
  readonly type: "advertise" | "reply" | "reconfigure";
  readonly options: Dhcp6Options;
  readonly spoil: "nothing" | "xid" | "clientId" | "serverId";
  /** Which of the messages sent so far it answers, counted from the last. */
  readonly back: number;
}
export type Move =
  | { readonly kind: "reply"; readonly plan: ReplyPlan }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "wake" }
  | { readonly kind: "input"; readonly input: Dhcp6Input };

const lifetime = fc.constantFrom(0, 1, 5, 60, 3600, 0xffffffff);
const anAddress = fc.constantFrom(a, a, b, refused, ip("fe80::a"), ip("::"));
const iaAddress: fc.Arbitrary<IaAddress> = fc.record({
  address: anAddress,
  preferred: lifetime,
  valid: lifetime,
});
const time = fc.constantFrom(0, 0, 1, 30, 2000, 0xffffffff);
const code = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 2 });
const withStatus = (n: number | undefined) => (n === undefined ? {} : { status: { code: n, text: "words" } });
const ia: fc.Arbitrary<IaNa> = fc
  .record({
    iaid: fc.constantFrom(iaidOf(device), iaidOf(device), iaidOf(device), 1),
    t1: time,
    t2: time,
    addresses: fc.array(iaAddress, { maxLength: 4 }),
    code,
  })
  .map(({ code: n, ...rest }) => ({ ...rest, ...withStatus(n) }));

const plan: fc.Arbitrary<ReplyPlan> = fc
  .record({
    type: fc.constantFrom("advertise", "reply", "reply", "reply", "reconfigure"),
    spoil: fc.constantFrom("nothing", "nothing", "nothing", "nothing", "xid", "clientId", "serverId"),
    back: fc.constantFrom(0, 0, 0, 1, 2),
    n: fc.constantFrom(1, 1, 1, 2),
    iaNa: fc.array(ia, { maxLength: 2 }),
    rapid: fc.boolean(),
    code,
    refresh: fc.option(fc.constantFrom(0, 700, 0xffffffff), { nil: undefined }),
    solMaxRt: fc.option(fc.constantFrom(0, 60, 86_400, 90_000), { nil: undefined }),
  })
  .map(({ type, spoil, back, n, iaNa, rapid, code: c, refresh, solMaxRt }) => ({
    type,
    spoil,
    back,
    options: {
      serverId: server(n),
      iaNa,
      ...withStatus(c),
      ...(rapid ? { rapidCommit: true } : {}),
      ...(refresh === undefined ? {} : { informationRefresh: refresh }),
      ...(solMaxRt === undefined ? {} : { solMaxRt, infMaxRt: solMaxRt }),
    },
  }));

/** The answer that goes with the last message, drawn more often than chance would, so that walks get somewhere. */
const good: fc.Arbitrary<ReplyPlan> = fc
  .tuple(
    fc.constantFrom("advertise" as const, "reply" as const, "reply" as const),
    fc.constantFrom(5, 60, 3600),
  )
  .map(([type, valid]) => ({
    type,
    spoil: "nothing",
    back: 0,
    options: {
      rapidCommit: true,
      preference: 255,
      iaNa: [
        {
          iaid: iaidOf(device),
          t1: 0,
          t2: 0,
          addresses: [address(a, { preferred: valid - 3, valid }), address(b)],
        },
      ],
    },
  }));
const forgotten: fc.Arbitrary<ReplyPlan> = fc.constant({
  type: "reply",
  spoil: "nothing",
  back: 0,
  options: { status: { code: 3, text: "" } },
});

const stored = fc
  .record({
    addresses: fc.uniqueArray(fc.tuple(anAddress, fc.integer({ min: -1000, max: 5_000_000 })), {
      maxLength: 3,
      selector: ([it]) => it,
    }),
  })
  .map(({ addresses }) =>
    aLease({
      addresses: addresses.map(([it, end]) => ({
        address: it,
        preferredUntil: instant(end / 2),
        validUntil: instant(end),
      })),
    }),
  );

const input: fc.Arbitrary<Dhcp6Input> = fc.oneof(
  fc.constantFrom<Dhcp6Input>(
    { kind: "start", mode: "stateful" },
    { kind: "start", mode: "stateful" },
    { kind: "start", mode: "stateless" },
    { kind: "timer" },
    { kind: "link-changed" },
    { kind: "moved" },
    { kind: "retry" },
    { kind: "release" },
  ),
  stored.map((lease): Dhcp6Input => ({ kind: "start", mode: "stateful", stored: lease })),
  fc
    .tuple(anAddress, fc.boolean())
    .map(([it, duplicate]): Dhcp6Input => ({ kind: "dad", address: it, duplicate })),
);

export const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.oneof(good, good, forgotten, plan).map((p): Move => ({ kind: "reply", plan: p })),
  },
  { weight: 6, arbitrary: fc.constant<Move>({ kind: "wake" }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5_000_000 }).map((ms): Move => ({ kind: "wait", ms })) },
  { weight: 2, arbitrary: input.map((it): Move => ({ kind: "input", input: it })) },
);

export function replyFor(p: ReplyPlan, sent: readonly Dhcp6Message[]): Dhcp6Message | undefined {
  const to = sent.at(-1 - p.back);
  if (to === undefined) return undefined;
  const message = answer(p.type, to, p.options);
  if (p.spoil === "xid") return { ...message, xid: message.xid ^ 1 };
  if (p.spoil === "nothing") return message;
  const { [p.spoil]: _, ...options } = message.options;
  return { ...message, options };
}

/** When the walk may wake the machine next. */
export const later = (now: Instant, wakeAt: Instant): Instant =>
  Number.isFinite(wakeAt) ? instant(Math.max(now, wakeAt)) : now;
