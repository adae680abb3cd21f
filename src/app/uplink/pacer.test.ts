import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { instant, millis, minutes, seconds } from "../../base/time.ts";
import { type FrameKind, type Queueing, switchSafePacer, unlimitedPacer } from "./pacer.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The most that fall into any window of one second, both ends counted. */
function busiestSecond(times: readonly number[]): number {
  const most = times.map((from) => times.filter((t) => t >= from && t <= from + 1000).length);
  return Math.max(0, ...most);
}

const arrivals = fc.array(
  fc.record({
    wait: fc.oneof(fc.constant(0), fc.nat(400)),
    kind: fc.constantFrom<FrameKind>("arp", "nd", "dhcp"),
  }),
  { minLength: 1, maxLength: 150 },
);

test("never more than 15 frames of a kind in any second, all of them, in order", () => {
  fc.assert(
    fc.property(arrivals, (list) => {
      const clock = new FakeClock();
      const pacer = switchSafePacer(clock);
      const sent: { n: number; kind: FrameKind; at: number }[] = [];
      for (const [n, { wait, kind }] of list.entries()) {
        clock.pass(millis(wait));
        pacer.send(kind, () => sent.push({ n, kind, at: clock.now() }));
      }
      clock.pass(minutes(1));
      expect(sent.length).toBe(list.length);
      for (const kind of ["arp", "nd", "dhcp"]) {
        const own = sent.filter((s) => s.kind === kind);
        expect(busiestSecond(own.map((s) => s.at))).toBeLessThanOrEqual(15);
        expect(own.map((s) => s.n)).toEqual(own.map((s) => s.n).toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 300 },
  );
});

test("a frame that can go goes at once", () => {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  let sent = 0;
  for (let n = 0; n < 6; n++) pacer.send("arp", () => sent++);
  expect(sent).toBe(4);
  pacer.send("dhcp", () => sent++);
  expect(sent).toBe(5);
  clock.pass(millis(250));
  expect(sent).toBe(7);
  expect(clock.pending).toBe(0);
});

test("what waits goes by rank; a repeated frame keeps its place; what nobody wants any more costs no turn", () => {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  const sent: string[] = [];
  const unwanted = new Set<string>();
  const send = (name: string, rank: Queueing["rank"], key = name): void =>
    pacer.send("dhcp", () => sent.push(name), { key, rank, wanted: () => !unwanted.has(name) });
  for (let n = 0; n < 4; n++) pacer.send("dhcp", () => {});
  send("vain 1", "later");
  send("vain 2", "later");
  send("gone", "later");
  send("new", "soon");
  send("renewal", "now");
  send("vain 1 again", "later", "vain 1");
  unwanted.add("gone");
  clock.pass(millis(500));
  expect(sent).toEqual(["renewal", "new", "vain 1 again", "vain 2"]);
  expect(clock.pending).toBe(0);
});

test("devices come two a second, however many appear", () => {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  const begun: number[] = [];
  for (let n = 0; n < 20; n++) pacer.admit(() => begun.push(clock.now()));
  expect(begun.length).toBe(2);
  clock.pass(seconds(4));
  expect(begun.length).toBe(10);
  clock.pass(seconds(5));
  expect(begun.length).toBe(20);
});

test("unlimited: frames at once, 64 exchanges open, a place is free when one is done or after a second", () => {
  const clock = new FakeClock();
  const pacer = unlimitedPacer(clock);
  let frames = 0;
  for (let n = 0; n < 1000; n++) pacer.send("dhcp", () => frames++);
  expect(frames).toBe(1000);
  const open: (() => void)[] = [];
  for (let n = 0; n < 200; n++) pacer.admit((done) => open.push(done));
  expect(open.length).toBe(64);
  open[0]?.();
  open[0]?.();
  open[7]?.();
  expect(open.length).toBe(66);
  clock.pass(millis(999));
  expect(open.length).toBe(66);
  clock.pass(millis(1));
  expect(open.length).toBe(66 + 64);
  clock.pass(seconds(3));
  expect(open.length).toBe(200);
});

test("unlimited: a device that is done at once does not hold up the others", () => {
  const pacer = unlimitedPacer(new FakeClock());
  let begun = 0;
  for (let n = 0; n < 500; n++)
    pacer.admit((done) => {
      begun++;
      done();
    });
  expect(begun).toBe(500);
});

test.each([switchSafePacer, unlimitedPacer])("after stop nothing that waited happens: %o", (make) => {
  const clock = new FakeClock();
  const pacer = make(clock);
  let done = 0;
  for (let n = 0; n < 100; n++) pacer.admit(() => done++);
  const before = done;
  pacer.stop();
  clock.pass(minutes(1));
  expect(done).toBe(before);
});

test("a token bucket gives its burst and then its rate, and tells when", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(500), { maxLength: 100 }),
      (perSecond, burst, waits) => {
        const bucket = new TokenBucket(perSecond, burst, instant(0));
        const taken: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now += wait;
          const turn = bucket.take(instant(now));
          if (turn === "taken") taken.push(now);
          else {
            expect(turn).toBeGreaterThan(now);
            expect(turn - now).toBeLessThanOrEqual(Math.ceil(1000 / perSecond));
            now = turn;
            expect(bucket.take(instant(now + 1))).toBe("taken");
            taken.push(now + 1);
            now += 1;
          }
        }
        expect(busiestSecond(taken)).toBeLessThanOrEqual(burst + perSecond);
      },
    ),
  );
});
