import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { instant, millis, never, plus } from "../../base/time.ts";
import { Alarms } from "./alarms.ts";

function made() {
  const clock = new FakeClock(0);
  const told: string[] = [];
  const alarms = new Alarms<string>(clock, (key) => told.push(`${clock.now()} ${key}`));
  const set = (key: string, at: number): void => alarms.set(key, instant(at));
  return { clock, told, alarms, set };
}

test("an earlier deadline moves the timer, a later one does not", () => {
  const { clock, told, set } = made();
  set("later", 100);
  set("sooner", 50);
  set("last", 200);
  expect(clock.pending).toBe(1);
  clock.pass(millis(300));
  expect(told).toEqual(["50 sooner", "100 later", "200 last"]);
  expect(clock.pending).toBe(0);
});

test("what is deleted or put off is told at no earlier time, and the others when they are due", () => {
  const { clock, told, set, alarms } = made();
  set("put off", 50);
  set("deleted", 60);
  set("kept", 70);
  set("put off", 90);
  alarms.delete("deleted");
  clock.pass(millis(100));
  expect(told).toEqual(["70 kept", "90 put off"]);
});

test("while there is no deadline there is no timer, and after a stop the next one arms anew", () => {
  const { clock, told, set, alarms } = made();
  set("a", 50);
  alarms.delete("a");
  expect(clock.pending).toBe(0);
  set("b", 60);
  alarms.set("b", never);
  expect(clock.pending).toBe(0);
  set("c", 70);
  alarms.stop();
  expect(clock.pending).toBe(0);
  set("d", 80);
  clock.pass(millis(100));
  expect(told).toEqual(["70 c", "80 d"]);
});

test("one that is set from within another is told too", () => {
  const clock = new FakeClock(0);
  const told: string[] = [];
  const alarms: Alarms<string> = new Alarms(clock, (key) => {
    told.push(`${clock.now()} ${key}`);
    if (key === "first") alarms.set("at once", clock.now());
    if (key === "at once") alarms.set("second", plus(clock.now(), millis(30)));
  });
  alarms.set("first", instant(10));
  clock.pass(millis(100));
  expect(told).toEqual(["10 first", "10 at once", "40 second"]);
});

const key = fc.constantFrom("a", "b", "c", "d");
const change = fc.record({
  key,
  at: fc.option(fc.integer({ min: 1, max: 40 })),
  pause: fc.integer({ min: 0, max: 15 }),
});

test("whatever is set and deleted, each key is told once, at its last deadline", () => {
  const check = (changes: readonly { key: string; at: number | null; pause: number }[]): void => {
    const { clock, told, alarms } = made();
    const due = new Map<string, number>();
    const expected: string[] = [];
    const passed = (until: number): void => {
      for (const [name, at] of [...due].sort((a, b) => a[1] - b[1]))
        if (at <= until) {
          expected.push(`${at} ${name}`);
          due.delete(name);
        }
    };
    for (const { key: name, at, pause } of changes) {
      if (at === null) {
        due.delete(name);
        alarms.delete(name);
      } else {
        due.set(name, clock.now() + at);
        alarms.set(name, plus(clock.now(), millis(at)));
      }
      clock.pass(millis(pause));
      passed(clock.now());
    }
    clock.pass(millis(100));
    passed(clock.now());
    expect([...told].sort()).toEqual(expected.sort());
  };
  fc.assert(fc.property(fc.array(change, { maxLength: 30 }), check), { numRuns: 5000 });
});
