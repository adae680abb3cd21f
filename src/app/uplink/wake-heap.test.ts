import fc from "fast-check";
import { expect, test } from "vitest";
import { type Instant, instant, never } from "../../base/time.ts";
import { WakeHeap } from "./wake-heap.ts";

const operation = fc.oneof(
  fc.record({ do: fc.constant("set" as const), key: fc.nat(12), at: fc.nat(40) }),
  fc.record({ do: fc.constant("never" as const), key: fc.nat(12) }),
  fc.record({ do: fc.constant("delete" as const), key: fc.nat(12) }),
  fc.record({ do: fc.constant("take" as const), now: fc.nat(45) }),
);

test("behaves as a sorted list of the last deadline of each key", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const heap = new WakeHeap<number>();
      const model = new Map<number, Instant>();
      const least = (): Instant => instant(Math.min(never, ...model.values()));
      for (const op of operations) {
        if (op.do === "set") {
          heap.set(op.key, instant(op.at));
          model.set(op.key, instant(op.at));
        } else if (op.do === "never") {
          heap.set(op.key, never);
          model.delete(op.key);
        } else if (op.do === "delete") {
          heap.delete(op.key);
          model.delete(op.key);
        } else {
          const first = least();
          const key = heap.take(instant(op.now));
          if (first > op.now) expect(key).toBeUndefined();
          else {
            expect(model.get(key ?? -1)).toBe(first);
            model.delete(key ?? -1);
          }
        }
        expect(heap.next()).toBe(least());
        expect(heap.size).toBe(model.size);
      }
    }),
    { numRuns: 1000 },
  );
});

test("ten thousand deadlines come out in order", () => {
  const heap = new WakeHeap<number>();
  for (let n = 0; n < 10_000; n++) heap.set(n, instant((n * 7919) % 10_007));
  const out: number[] = [];
  for (let key = heap.take(instant(20_000)); key !== undefined; key = heap.take(instant(20_000)))
    out.push((key * 7919) % 10_007);
  expect(out).toEqual(out.toSorted((a, b) => a - b));
  expect(out.length).toBe(10_000);
});
