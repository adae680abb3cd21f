import { expect, it } from "vitest";
import { FakeClock, settle } from "../../../test/support/fake-clock.ts";
import { MemoryLog } from "../../../test/support/memory-log.ts";
import { type Mac, macFromBytes } from "../../base/mac.ts";
import { millis, seconds } from "../../base/time.ts";
import { type HookEvent, type HookMessage, HookRefusal, type HookSink } from "../../ports/hooks.ts";
import { Deliveries } from "./deliveries.ts";

const macOf = (n: number): Mac => macFromBytes(Uint8Array.of(0, 0, 0x5e, 0, 0x53, n));

/** A receiver that answers when it is told to, or at once. */
class Receiver implements HookSink {
  readonly name = "webhook";
  readonly told: string[] = [];
  readonly open: ((failure?: Error) => void)[] = [];
  answer: "at once" | "later" | Error = "at once";
  most = 0;
  #now = 0;

  async deliver({ event, mac }: HookMessage): Promise<void> {
    this.told.push(`${event} ${mac.slice(-2)}`);
    this.most = Math.max(this.most, ++this.#now);
    try {
      if (this.answer instanceof Error) throw this.answer;
      if (this.answer === "at once") return;
      await new Promise<void>((resolve, reject) =>
        this.open.push((failure) => (failure ? reject(failure) : resolve())),
      );
    } finally {
      this.#now--;
    }
  }

  stop(): void {}
}

function bench(most = 100) {
  const clock = new FakeClock();
  const log = new MemoryLog();
  const sink = new Receiver();
  const troubles: (string | undefined)[] = [];
  const deliveries = new Deliveries({
    clock,
    log,
    sink,
    most,
    retries: 4,
    onTrouble: (sentence) => troubles.push(sentence),
  });
  const add = (event: HookEvent, n = 1): void => deliveries.add({ event, mac: macOf(n), body: "{}" });
  return { clock, log, sink, troubles, deliveries, add };
}

it("tells the events of a device one after the other, and several devices at once", async () => {
  const { sink, add } = bench();
  sink.answer = "later";
  for (let n = 1; n <= 6; n++) {
    add("new", n);
    add("active", n);
  }
  await settle();
  expect(sink.told).toEqual(["new 01", "new 02", "new 03", "new 04"]);
  sink.open.shift()?.();
  await settle();
  expect(sink.told.at(-1)).toBe("new 05");
  for (let open = sink.open.shift(); open; open = sink.open.shift()) {
    open();
    await settle();
  }
  expect(sink.most).toBe(4);
  expect(sink.told).toHaveLength(12);
  for (let n = 1; n <= 6; n++)
    expect(sink.told.filter((line) => line.endsWith(`0${n}`))).toEqual([`new 0${n}`, `active 0${n}`]);
});

it("tells that a device came and went and came, each, in the order in which it happened", async () => {
  const { sink, add, deliveries } = bench();
  sink.answer = "later";
  add("failed");
  const all = ["new", "active", "gone", "new", "failed", "active"] as const;
  for (const event of all) add(event);
  sink.answer = "at once";
  sink.open.shift()?.();
  await settle();
  expect(sink.told).toEqual(["failed 01", "new 01", "active 01", "gone 01", "new 01", "active 01"]);
  expect(deliveries.counts.outcomes.superseded).toBe(1);
});

it("passes over states that are no longer true, and neither the coming nor the going of a device", async () => {
  const { sink, add, deliveries } = bench();
  sink.answer = "later";
  add("new");
  for (const event of ["failed", "active", "failed", "active", "gone"] as const) add(event);
  sink.answer = "at once";
  sink.open.shift()?.();
  await settle();
  expect(sink.told).toEqual(["new 01", "active 01", "gone 01"]);
  expect(deliveries.counts).toEqual({
    sink: "webhook",
    outcomes: { delivered: 3, failed: 0, superseded: 3, dropped: 0 },
    waiting: 0,
  });
});

it("tries again with growing pauses, tells that once, and is glad when it works", async () => {
  const { clock, log, sink, troubles, add } = bench();
  sink.answer = new Error("connect ECONNREFUSED");
  add("new");
  await clock.advance(seconds(4));
  expect(sink.told).toHaveLength(3);
  sink.answer = "at once";
  await clock.advance(seconds(4));
  expect(sink.told).toHaveLength(4);
  expect(log.take()).toEqual([
    'warn Hook webhook: "new" of 00:00:5e:00:53:01 is tried again: connect ECONNREFUSED',
    "info Hook webhook takes events again",
  ]);
  expect(troubles).toEqual(["The webhook of [hooks] does not take events: connect ECONNREFUSED.", undefined]);
});

it("gives up after so many tries, at once when it is refused, and goes on with what comes next", async () => {
  const { clock, log, sink, deliveries, add } = bench();
  sink.answer = new Error("it answers 503");
  add("new");
  await clock.advance(millis(14_999));
  expect(sink.told).toHaveLength(4);
  await clock.advance(seconds(20));
  sink.answer = new HookRefusal("it answers 404");
  add("active");
  await clock.advance(seconds(20));
  expect(sink.told).toEqual([...Array(5).fill("new 01"), "active 01"]);
  expect(log.take().slice(1)).toEqual([
    'warn Hook webhook: "new" of 00:00:5e:00:53:01 is given up: it answers 503',
    'warn Hook webhook: "active" of 00:00:5e:00:53:01 is given up: it answers 404',
  ]);
  expect(deliveries.counts).toMatchObject({ outcomes: { failed: 2 }, waiting: 0 });
});

it("tells the newest state instead of the one that was to be tried again", async () => {
  const { clock, sink, add } = bench();
  sink.answer = new Error("no");
  add("failed");
  await settle();
  sink.answer = "at once";
  add("active");
  await clock.advance(seconds(5));
  expect(sink.told).toEqual(["failed 01", "active 01"]);
});

it("holds no more than it may, drops the oldest, and says so once a minute", async () => {
  const { clock, log, sink, deliveries, add } = bench(10);
  sink.answer = "later";
  for (let n = 1; n <= 30; n++) add("new", n);
  expect(deliveries.counts).toMatchObject({ outcomes: { dropped: 20 }, waiting: 10 });
  await clock.advance(seconds(61));
  expect(log.entries.map(({ message, fields }) => [message, fields])).toEqual([
    ["Hook webhook: the oldest of more than 10 events that wait are dropped", { dropped: 1 }],
    ["Hook webhook: the oldest of more than 10 events that wait are dropped", { dropped: 19 }],
  ]);
  for (let open = sink.open.shift(); open; open = sink.open.shift()) {
    open();
    await settle();
  }
  expect(sink.told.slice(4)).toEqual(["new 19", "new 1a", "new 1b", "new 1c", "new 1d", "new 1e"]);
});
