import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { switchSafePacer, unlimitedPacer } from "../../../test/support/pacers.ts";
import { instant, millis, minutes, seconds } from "../../base/time.ts";
import type { Exchange, FrameKind, Queueing } from "./pacer.ts";
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
  for (let n = 0; n < 20; n++)
    pacer.admit((done) => {
      begun.push(clock.now());
      done();
    });
  expect(begun.length).toBe(2);
  clock.pass(seconds(4));
  expect(begun.length).toBe(10);
  clock.pass(seconds(5));
  expect(begun.length).toBe(20);
});

test("unlimited: frames that ask no server go at once", () => {
  const pacer = unlimitedPacer(new FakeClock());
  let frames = 0;
  for (let n = 0; n < 1000; n++) pacer.send("dhcp", () => frames++);
  expect(frames).toBe(1000);
});

/** A crowd that asks a server all at once; each of the `silent` ones is never answered. */
class Crowd {
  readonly clock = new FakeClock();
  readonly pacer = unlimitedPacer(this.clock);
  /** Open at the servers of each family now, and the most there ever were. */
  readonly open = { DHCPv4: 0, DHCPv6: 0 };
  most = 0;
  asked = 0;
  done = 0;

  constructor(
    readonly size: number,
    readonly silent: (n: number, exchange: Exchange) => boolean = () => false,
    /** The server's time for one, after those before it. */
    readonly each = 1,
  ) {
    for (let n = 0; n < size; n++)
      this.pacer.admit((ready) => {
        this.#ask(n, { servers: "DHCPv4", id: `${n}` });
        this.#ask(n, { servers: "DHCPv6", id: `${n}` });
        ready();
      });
  }

  #ask(n: number, exchange: Exchange): void {
    const { servers, id } = exchange;
    const queueing = { key: `${servers} ${id}`, rank: "soon", wanted: () => true, exchange } as const;
    this.pacer.send("dhcp", () => this.#served(n, exchange), queueing);
  }

  #served(n: number, exchange: Exchange): void {
    this.asked++;
    if (this.silent(n, exchange)) return;
    const open = ++this.open[exchange.servers];
    this.most = Math.max(this.most, open);
    this.clock.after(millis(2 + open * this.each), () => {
      this.open[exchange.servers]--;
      this.done++;
      this.pacer.answered(exchange);
    });
  }
}

test("unlimited: the window grows while answers come quickly, for both families, and stays below what a server's socket holds", () => {
  const crowd = new Crowd(1000, () => false, 0.2);
  crowd.clock.pass(seconds(3));
  expect(crowd.done).toBe(2000);
  expect(crowd.most).toBeGreaterThan(60);
  expect(crowd.most).toBeLessThan(200);
});

test("unlimited: a slow server is not asked faster than it answers", () => {
  const crowd = new Crowd(300, () => false, 10);
  crowd.clock.pass(minutes(2));
  expect(crowd.done).toBe(600);
  expect(crowd.most).toBeLessThan(50);
});

test("unlimited: devices that are never answered hold up the others by seconds at most", () => {
  const crowd = new Crowd(1000, (n) => n % 2 === 0);
  crowd.clock.pass(seconds(20));
  expect([crowd.asked, crowd.done]).toEqual([2000, 1000]);
  const mute = new Crowd(300, () => true);
  mute.clock.pass(seconds(38));
  expect(mute.asked).toBe(600);
});

test("unlimited: where the one family's servers are silent, the other's are asked no later", () => {
  const crowd = new Crowd(1000, (_, { servers }) => servers === "DHCPv6", 0.2);
  crowd.clock.pass(seconds(3));
  expect(crowd.done).toBe(1000);
});

test("unlimited: devices do not wait for each other's interfaces, nor for servers", () => {
  const pacer = unlimitedPacer(new FakeClock());
  let begun = 0;
  for (let n = 0; n < 1000; n++) pacer.admit(() => begun++);
  expect(begun).toBe(1000);
});

test("unlimited: what continues an exchange waits for nobody", () => {
  const pacer = unlimitedPacer(new FakeClock());
  const sent: string[] = [];
  const ask = (id: string, rank: Queueing["rank"]): void => {
    const exchange = { servers: "DHCPv4", id } as const;
    pacer.send("dhcp", () => sent.push(id), { key: id, rank, wanted: () => true, exchange });
  };
  for (let n = 0; n < 50; n++) ask(`new ${n}`, "soon");
  expect(sent.length).toBe(32);
  ask("request", "now");
  expect(sent.at(-1)).toBe("request");
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

test("switch-safe: our frames wait for those that the kernel sends", () => {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  let sent = 0;
  pacer.spend("nd", 6);
  pacer.send("nd", () => sent++);
  expect(sent).toBe(0);
  clock.pass(millis(800));
  expect(sent).toBe(0);
  clock.pass(millis(100));
  expect(sent).toBe(1);
  pacer.spend("nd", 1000);
  pacer.send("nd", () => sent++);
  clock.pass(seconds(2));
  expect(sent).toBe(2);
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

test("switch-safe: interfaces that do not come hold up the next, so that they do not all come at once", () => {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  let begun = 0;
  for (let n = 0; n < 20; n++) pacer.admit(() => begun++);
  clock.pass(millis(4900));
  expect(begun).toBe(4);
  clock.pass(seconds(30));
  expect(begun).toBe(20);
});

test("what serves everybody leaves at once where the kernel takes all of the rate, and what waits has to wait for it", () => {
  const clock = new FakeClock();
  const pacer = switchSafePacer(clock);
  const sent: string[] = [];
  const at = (name: string) => () => sent.push(`${name} ${clock.now()}`);
  const usual = (key: string): Queueing => ({ key, rank: "now", wanted: () => true });
  const began = clock.now();
  pacer.spend("nd", 50);
  pacer.send("nd", at("one"), usual("one"));
  pacer.send("nd", at("all"), { ...usual("all"), forAll: true, onSent: at("told") });
  expect(sent).toEqual([`all ${began}`, `told ${began}`]);
  for (let second = 0; second < 5; second++) {
    pacer.spend("nd", 10);
    clock.pass(seconds(1));
  }
  expect(sent.length).toBe(2);
  clock.pass(seconds(3));
  expect(sent.length).toBe(3);
});
